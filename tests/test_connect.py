"""Settings become clients that carry the right credentials, and none where none are named."""

from __future__ import annotations

import pytest

from portal.clients.errors import Unauthorised
from portal.clients.mail import LogMailer, SmtpMailer
from portal.connect import clients, connect
from portal.core.config import Config, SourceConfig
from portal.forges.gerrit.client import GerritSource
from portal.forges.gerrit.settings import GerritConfig
from portal.forges.gitlab.client import GitlabSource
from portal.forges.gitlab.settings import GitlabConfig
from tests.fakes import FakeGerrit, FakeGitlab
from tests.settings import parse_config


def settings(text: str) -> Config:
    return parse_config(text)


def test_a_gerrit_source_is_read_with_its_own_settings() -> None:
    with FakeGerrit() as gerrit:
        gerrit.accounts["portal"] = "pässwort"
        for number in range(1, 4):
            gerrit.add_change(number, project="tool/demo", owner="robot")
        gerrit.add_change(9, project="other")
        config = settings(f"""
            [site]
            name = "Demo community"
            contact = "portal@example.org"
            [[sources]]
            slug = "gerrit"
            kind = "gerrit"
            url = "{gerrit.url}"
            query = "project:tool/demo"
            bots = ["robot"]
            page_size = 2
            username_env = "GERRIT_USER"
            password_env = "GERRIT_PASSWORD"
        """)
        made = clients(config, {"GERRIT_USER": "portal", "GERRIT_PASSWORD": "pässwort"})
        source = made.source(config.sources[0])
        changes = [change for page in source.changes(since=None) for change in page.changes]
    assert isinstance(source, GerritSource)
    assert {change.number for change in changes} == {1, 2, 3}
    assert all(change.author.is_bot and change.url.startswith(gerrit.url) for change in changes)
    assert gerrit.requests[0].path == "/a/changes/"
    assert gerrit.requests[0].one("n") == "2"
    assert gerrit.requests[0].headers["User-Agent"] == "ContributorPortal (Demo community; portal@example.org)"


def test_a_gitlab_source_is_read_with_its_own_settings() -> None:
    with FakeGitlab() as gitlab:
        gitlab.tokens.add("glpat-1")
        gitlab.add_merge_request(1, project="group/tool", author="robot")
        gitlab.add_merge_request(2, project="elsewhere/tool")
        config = settings(f"""
            [[sources]]
            slug = "gitlab"
            kind = "gitlab"
            url = "{gitlab.url}"
            projects = ["group/tool"]
            bots = ["robot"]
            token_env = "GITLAB_TOKEN"
        """)
        source = clients(config, {"GITLAB_TOKEN": "glpat-1"}).source(config.sources[0])
        changes = [change for page in source.changes(since=None) for change in page.changes]
    assert isinstance(source, GitlabSource)
    assert [(change.number, change.author.is_bot) for change in changes] == [(1, True)]
    assert {request.headers["PRIVATE-TOKEN"] for request in gitlab.requests} == {"glpat-1"}


def test_without_credentials_a_source_is_read_as_the_public_does() -> None:
    with FakeGerrit() as gerrit:
        gerrit.add_change(1)
        source = connect(GerritConfig(slug="g", url=gerrit.url), agent="test", environ={})
        assert [page.changes[0].number for page in source.changes(since=None)] == [1]
    assert gerrit.requests[0].path == "/changes/"
    assert "Authorization" not in gerrit.requests[0].headers


@pytest.mark.parametrize(
    "source",
    [
        GerritConfig(slug="g", url="http://127.0.0.1:1", username_env="USER_A", password_env="WORD_A"),
        GitlabConfig(slug="g", url="http://127.0.0.1:1", token_env="WORD_A"),
    ],
)
def test_an_empty_environment_variable_is_said_and_not_read_around(source: SourceConfig) -> None:
    with pytest.raises(Unauthorised, match="WORD_A is empty"):
        connect(source, agent="test", environ={"USER_A": "portal", "WORD_A": ""})


def test_the_mailer_follows_the_settings() -> None:
    assert isinstance(clients(Config(), {}).mailer, LogMailer)
    assert isinstance(clients(settings('[mail]\nhost = "mail.example.org"'), {}).mailer, SmtpMailer)
