"""Real clients against servers that misbehave, over HTTP: nothing is lost, the reason is said, the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.clients.responses import Limits
from portal.connect import connect
from portal.contributions import jobs, labels, rules
from portal.contributions.models import Change
from portal.contributions.rules import wait_state_of
from tests import fakes
from tests.fakes.rude import DRIPS, RudeServer

PATIENT = Limits(tries=1)
IMPATIENT = Limits(connect=1, read=0.3, total=0.6, tries=1)
"""For a server that never answers: others may take their time, on a busy machine too."""
TROUBLES = {
    "unauthorised": fakes.unauthorised,
    "rate_limited": lambda: fakes.rate_limited(3600),
    "server_error": fakes.server_error,
    "not_json": fakes.html_page,
    "cut_short": fakes.half_json,
    "cut short by the connection": fakes.cut_short,
    "timeout": fakes.hang,
}


@pytest.fixture
def gerrit() -> Iterator[fakes.FakeGerrit]:
    with fakes.FakeGerrit() as server:
        server.add_change(1, subject="Mend the gate", created=datetime.now(UTC) - timedelta(days=3))
        yield server


@pytest.fixture
def gitlab() -> Iterator[fakes.FakeGitlab]:
    with fakes.FakeGitlab() as server:
        server.add_merge_request(2, title="Oil the hinge", created=datetime.now(UTC) - timedelta(days=2))
        yield server


@pytest.fixture
def site(make_site: Any, gerrit: fakes.FakeGerrit, gitlab: fakes.FakeGitlab) -> Any:
    servers: dict[str, fakes.FakeServer] = {"gerrit": gerrit, "gitlab": gitlab}
    settings = "".join(
        f'[[sources]]\nslug = "{kind}"\nkind = "{kind}"\nurl = "{server.url}"\n' for kind, server in servers.items()
    )

    def source(config: Any) -> Any:
        trouble = servers[config.slug].trouble
        return connect(config, agent="test", limits=IMPATIENT if trouble and trouble.hangs else PATIENT)

    return make_site(settings, SimpleNamespace(source=source))


def titles(site: Any) -> list[str]:
    with site.unit_of_work() as session:
        return sorted(session.scalars(select(Change.title)))


def test_changes_of_both_kinds_come_into_one_queue(site):
    assert [result.ok for result in jobs.sync(site.portal)] == [True, True]
    assert titles(site) == ["Mend the gate", "Oil the hinge"]
    assert jobs.sync(site.portal, full=True)[0].new_changes == 0


@pytest.mark.parametrize("kind", ["gerrit", "gitlab"])
def test_a_first_sync_reads_judges_and_stores_each_open_change_once(
    make_site: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with {"gerrit": fakes.FakeGerrit, "gitlab": fakes.FakeGitlab}[kind]() as server:
        add: Any = server.add_change if kind == "gerrit" else server.add_merge_request
        for number in range(1, 8):
            add(number, created=now - timedelta(days=200), updated=now - timedelta(days=number * 20, hours=1))
        settings = f'[[sources]]\nslug = "one"\nkind = "{kind}"\nurl = "{server.url}"\npage_size = 3\n'
        site = make_site(settings, SimpleNamespace(source=lambda source: connect(source, agent="test")))
        judged: list[int] = []
        monkeypatch.setattr(
            rules, "wait_state_of", lambda change: judged.append(change.number) or wait_state_of(change)
        )
        result = jobs.sync(site.portal)[0]
    assert sorted(judged) == list(range(1, 8))
    assert (result.changes, result.new_changes) == (7, 7)


def test_when_nothing_has_changed_each_source_is_asked_once(site, gerrit, gitlab):
    jobs.sync(site.portal)
    gerrit.requests.clear()
    gitlab.requests.clear()
    jobs.sync(site.portal)
    assert (len(gerrit.requests), len(gitlab.requests)) == (1, 1)


def test_notes_are_asked_for_only_where_a_merge_request_has_moved(site, gitlab):
    moving = gitlab.add_merge_request(3, title="Sweep the floor", created=datetime.now(UTC) - timedelta(days=1))
    jobs.sync(site.portal)
    gitlab.now = datetime.now(UTC)
    gitlab.say(moving, "Nicely done", by="rita")
    gitlab.requests.clear()
    jobs.sync(site.portal)
    asked = [request.path for request in gitlab.requests if request.path.endswith("/notes")]
    assert len(asked) == 1
    assert asked[0].endswith("/merge_requests/3/notes")
    with site.unit_of_work() as session:
        row = session.scalars(select(Change).where(Change.title == "Sweep the floor")).one()
    assert (row.waiting_on, row.waiting_reason) == ("author", "comment")


@pytest.mark.parametrize("kind", ["gerrit", "gitlab"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_with_one_source_is_said_and_harms_nothing(site, gerrit, gitlab, kind, trouble):
    jobs.sync(site.portal)
    servers = {"gerrit": gerrit, "gitlab": gitlab}
    servers[kind].trouble = TROUBLES[trouble]()
    results = {result.slug: result for result in jobs.sync(site.portal)}
    other = "gitlab" if kind == "gerrit" else "gerrit"
    code = trouble.split()[0] if " " not in trouble else "cut_short"
    assert results[other].ok
    assert (results[kind].ok, results[kind].failure) == (False, code)
    assert results[kind].sentence == labels.failure(code)
    assert titles(site) == ["Mend the gate", "Oil the hinge"]
    page = site.client().get("/reviews").text
    assert labels.failure(code) in page.replace("&#39;", "'")
    assert "What you see of it was read" in page
    assert "Mend the gate" in page
    assert "Oil the hinge" in page


def test_a_server_that_is_not_there_is_said_and_comes_back_by_itself(site, gerrit):
    gerrit.trouble = fakes.server_error(503)
    assert not jobs.sync(site.portal)[0].ok
    gerrit.trouble = None
    assert jobs.sync(site.portal)[0].ok
    assert "What you see of it was read" not in site.client().get("/reviews").text


def test_credentials_that_are_named_but_missing_are_a_failure_in_words(make_site, gerrit):
    site = make_site(
        f'[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "{gerrit.url}"\n'
        'username_env = "NO_SUCH_USER"\npassword_env = "NO_SUCH_PASSWORD"\n',
        SimpleNamespace(source=lambda source: connect(source, agent="test", environ={})),
    )
    result = jobs.sync(site.portal)[0]
    assert (result.failure, gerrit.requests) == ("unauthorised", [])
    assert "NO_SUCH_USER" in result.detail


def test_rows_that_move_while_paging_are_all_stored(make_site):
    with fakes.FakeGerrit() as server:
        start = datetime.now(UTC) - timedelta(days=2)
        for number in range(1, 31):
            server.add_change(number, created=start + timedelta(minutes=number))
        server.now = datetime.now(UTC) - timedelta(hours=1)
        server.page_limit = 5
        server.between = lambda request: server.touch(1 + len(server.requests) % 30)
        site = make_site(
            f'[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "{server.url}"\npage_size = 5\n',
            SimpleNamespace(source=lambda source: connect(source, agent="test")),
        )
        assert jobs.sync(site.portal, full=True)[0].ok
        with site.unit_of_work() as session:
            assert set(session.scalars(select(Change.number))) == set(range(1, 31))


def test_a_change_that_is_too_large_is_left_out_and_the_others_come(
    site: Any, gerrit: fakes.FakeGerrit, gitlab: fakes.FakeGitlab, capfd: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    words = "x" * 500_000
    long = [gerrit.message(words, "nora", now - timedelta(days=2)) for _ in range(18)]
    gerrit.add_change(3, subject="Say far too much", created=now - timedelta(days=2), messages=long)
    talkative = gitlab.add_merge_request(4, title="Say far too much there", created=now - timedelta(days=1))
    for _ in range(5):
        gitlab.say(talkative, words, by="nora", at=now - timedelta(days=1))
    assert [result.ok for result in jobs.sync(site.portal)] == [True, True]
    assert titles(site) == ["Mend the gate", "Oil the hinge"]
    assert capfd.readouterr().err.count("change left out") >= 2


def test_a_list_whose_page_is_too_large_is_read_by_smaller_ones(site: Any, gitlab: fakes.FakeGitlab) -> None:
    for iid in range(10, 22):
        created = datetime.now(UTC) - timedelta(hours=iid)
        gitlab.add_merge_request(iid, title=f"Long {iid}", created=created, description="x" * 900_000)
    assert jobs.sync(site.portal, ["gitlab"])[0].ok
    assert len(titles(site)) == 13


def test_an_answer_that_is_too_large_is_told_with_its_limit(site: Any, gitlab: fakes.FakeGitlab) -> None:
    gitlab.trouble = fakes.Reply(200, b"[" + b" " * 9_000_000, {"Content-Type": "application/json"})
    gerrit, failed = jobs.sync(site.portal)
    assert gerrit.ok
    assert (failed.failure, failed.detail) == ("too_large", "more than 8 MB")
    assert titles(site) == ["Mend the gate"]


@pytest.mark.parametrize("drip", ["status_line", "header", "chunk_extension"])
def test_a_source_that_drips_stops_no_other(make_site: Any, gerrit: fakes.FakeGerrit, drip: str) -> None:
    with RudeServer(DRIPS[drip]) as rude:
        servers = {"a-rude": rude.url, "gerrit": gerrit.url}
        one = '[[sources]]\nslug = "{}"\nkind = "gerrit"\nurl = "{}"\n'
        settings = "".join(one.format(*server) for server in servers.items())
        clients = SimpleNamespace(source=lambda config: connect(config, agent="test", limits=IMPATIENT))
        site = make_site(settings, clients)
        slow, quick = jobs.sync(site.portal)
    assert (slow.slug, slow.failure) == ("a-rude", "timeout")
    assert quick.ok and titles(site) == ["Mend the gate"]


def test_numbers_that_no_server_should_tell_stop_no_other_change(site: Any, gerrit: fakes.FakeGerrit) -> None:
    change = gerrit.add_change(3, subject="Count far too much", created=datetime.now(UTC) - timedelta(days=2))
    change |= {"insertions": 10**18 - 1, "deletions": 10**18 - 1}
    for revision in change["revisions"].values():
        revision["_number"] = 10**18 - 1
    for message in change["messages"]:
        message["_revision_number"] = 10**18 - 1
    assert jobs.sync(site.portal, ["gerrit"])[0].ok
    assert titles(site) == ["Count far too much", "Mend the gate"]
