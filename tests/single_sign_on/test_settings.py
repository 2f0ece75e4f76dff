"""What an admin writes to let people sign in with accounts elsewhere, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.config import Config, ConfigError
from portal.core.config_file import parse_config
from portal.doctor import CheckResult, run_checks
from portal.forges.table import FORGES
from tests.fakes.providers import SECRET, FakeMediaWiki, FakeOpenId
from tests.single_sign_on.conftest import settings_of

WIKI = {"slug": "wiki", "kind": "mediawiki", "url": "https://wiki.example.org/w", "client_id": "portal"}


def read(*tables: dict[str, str], more: str = "") -> Config:
    written = "".join("[[sign_in]]\n" + "".join(f'{key} = "{value}"\n' for key, value in one.items()) for one in tables)
    return parse_config(more + written, FORGES.settings)


def said(*tables: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as refused:
        read(*tables)
    return "\n".join(refused.value.problems)


def test_four_lines_are_enough() -> None:
    [wiki] = read(WIKI).sign_in
    assert (wiki.label, wiki.client_secret_env, wiki.service) == ("wiki.example.org", "", "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://wiki.example.org"}, "sign_in[1].url: write an address that begins with https://"),
        ({"url": "wiki"}, "write an address such as https://"),
        ({"kind": "wiki"}, "sign_in[1].kind: input should be 'mediawiki', 'gitlab', 'github' or 'openid'"),
        ({"client_id": ""}, "sign_in[1].client_id"),
        ({"slug": "Our Wiki"}, "write small letters"),
        ({"client_secret_env": "s3cret"}, "write the name of an environment variable"),
        ({"clientid": "x"}, "Did you mean client_id?"),
        ({"service": "gerrit"}, "wiki has a service that is not set up here"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(change: dict[str, str], words: str) -> None:
    assert words in said({**WIKI, **change})


def test_two_services_need_two_slugs() -> None:
    assert "the slug wiki is used twice" in said(WIKI, WIKI)


def test_nobody_is_locked_out_of_signing_up() -> None:
    with pytest.raises(ConfigError, match="or nobody could sign up"):
        read(more='[sign_in_rules]\nsign_up = "provider"\n')


def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toml: str, secret: str = "x") -> list[CheckResult]:
    file = tmp_path / "config.toml"
    file.write_text(f'[site]\ndata_dir = "{tmp_path}"\n{toml}')
    monkeypatch.setenv("PORTAL_CONFIG", str(file))
    monkeypatch.setenv("SIGN_IN_SECRET", secret)
    return [one for one in run_checks() if one.name.startswith("sign-in")]


def test_doctor_says_what_to_register_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openid: FakeOpenId, mediawiki: FakeMediaWiki
) -> None:
    toml = settings_of(("door", "openid", openid), ("wiki-door", "mediawiki", mediawiki))
    door, wiki = checked(tmp_path, monkeypatch, toml, secret=SECRET)
    assert (door.ok, wiki.ok) == (True, True)
    assert "register http://127.0.0.1:8000/sign-in-with/door/back there" in door.detail
    assert [one.path for one in mediawiki.requests] == ["/rest.php/oauth2/access_token"]


def test_doctor_says_that_a_wiki_does_not_know_the_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki: FakeMediaWiki
) -> None:
    toml = settings_of(("wiki-door", "mediawiki", mediawiki))
    [wrong] = checked(tmp_path, monkeypatch, toml, secret="of another")
    [other] = checked(tmp_path, monkeypatch, toml.replace('"portal"', '"another"'), secret=SECRET)
    assert (wrong.ok, other.ok) == (False, False)
    assert "wrong_client" in wrong.detail
    assert "client_id, secret and redirect address" in wrong.mend


def test_doctor_says_what_is_wrong_with_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openid: FakeOpenId
) -> None:
    [no_wiki] = checked(tmp_path, monkeypatch, settings_of(("door", "mediawiki", openid)))
    openid.document["issuer"] = "https://other.example"
    [other] = checked(tmp_path, monkeypatch, settings_of(("door", "openid", openid)))
    [empty] = checked(tmp_path, monkeypatch, settings_of(("door", "openid", openid)), secret="")
    assert (no_wiki.ok, other.ok, empty.ok) == (False, False, False)
    assert "must be its own issuer" in other.mend
    assert "SIGN_IN_SECRET is empty" in empty.detail
