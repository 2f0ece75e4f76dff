"""A new kind of review server is a folder and a line in the table: no page knows of it, and every page shows it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from sqlalchemy import select

from portal import doctor
from portal.contributions import actions, jobs
from portal.contributions.models import Source
from portal.core import config_file
from portal.core.config import ConfigError, SourceConfig
from portal.core.content import BrokenContentError
from portal.forges.forge import Forges, UnknownForgeError
from portal.forges.table import FORGES
from portal.people.models import Account
from tests import made_content, make
from tests.fakes import FakeServer, Reply, Request
from tests.forges.invented import INVENTED

KNOWN = Forges(*FORGES.values(), INVENTED)
LINK = re.compile(r'href="([^"]+)"')
PATIENCE = "".join(f"{lists}_per_minute = 10000\n" for lists in ("csv", "feeds", "lists", "api"))


class InventedServer(FakeServer):
    """Three open proposals and a merged one."""

    def answer(self, request: Request) -> Reply:
        rows = [self._row(7, "Draw rivers", days=2), self._row(8, "Draw roads", days=40, by="lin")]
        rows += [self._row(9, "Draw hills", days=300), self._row(5, "Draw a frame", days=60, state="merged")]
        value = "0.1" if request.path == "/version" else rows
        return Reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _row(self, number: int, topic: str, *, days: int, by: str = "ana", state: str = "open") -> dict[str, Any]:
        born = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        return {
            "number": number,
            "topic": topic,
            "shelf": "tools/maps",
            "state": state,
            "by": by,
            "born": born,
            "moved": born,
        }


@pytest.fixture
def server() -> Iterator[InventedServer]:
    with InventedServer() as running:
        yield running


def settings(server: InventedServer) -> str:
    return f'[[sources]]\nslug = "house"\nkind = "invented"\nname = "The House"\nurl = "{server.url}"\nrealm = "all"\n'


@pytest.fixture
def site(make_site: Any, server: InventedServer) -> Any:
    """A site that reads an invented server; Lin has an account there, mentors Mo, and looks after a tool kept there."""
    site = make_site(f"[limits]\n{PATIENCE}{settings(server)}", forges=KNOWN)
    with site.unit_of_work() as session:
        lin = make.mentor(session, "lin")
        lin.accounts = [Account(service="house", username="lin", added_at=make.NOON)]
        make.role(session, lin, "portal-steward")
        make.request(session, make.speaker(session, "mo"))
        make.tool(session, "maps", repository=f"{server.url}/shelves/tools/maps")
    assert [result.ok for result in jobs.sync(site.portal)] == [True]
    site.work()
    return site


def lin(site: Any) -> Any:
    with site.unit_of_work() as session:
        return make.sign_in(site.client(), session.query(make.Person).filter_by(username="lin").one())


def test_every_page_shows_it_and_none_fails(site: Any) -> None:
    for client in (site.client(), lin(site)):
        seen = crawl(client)
        assert {url: status for url, status in seen.items() if status not in (200, 403)} == {}
        assert len(seen) > 60


def crawl(client: Any) -> dict[str, int]:
    """Every page that a browser reaches from the front page, with every table and feed, and its status.

    A page is asked for twice with the same filters and other values, not with every value there is.
    """
    waiting, seen = ["/", "/api/v1/openapi.json", "/api/v1/changes", "/search?q=draw"], dict[str, int]()
    asked: Counter[tuple[str, frozenset[str]]] = Counter()
    while waiting:
        url = waiting.pop()
        parts = urlsplit(url)
        shape = parts.path, frozenset(parse_qs(parts.query))
        if url in seen or asked[shape] == 2:
            continue
        asked[shape] += 1
        answer = client.get(url, follow_redirects=True)
        seen[url] = answer.status_code
        if answer.mimetype == "text/html":
            links = (urlsplit(urljoin(url, link.replace("&amp;", "&"))) for link in LINK.findall(answer.text))
            waiting += [f"{link.path}{'?' * bool(link.query)}{link.query}" for link in links if is_here(link)]
    return seen


def is_here(link: Any) -> bool:
    is_ours = not link.scheme and not link.netloc and link.path.startswith("/")
    return is_ours and not link.path.startswith("/static/") and "uselang=" not in link.query


def test_numbers_are_written_as_the_server_writes_them(site: Any) -> None:
    queue = site.client().get("/reviews").text
    assert all(f"<bdi>~{number}</bdi>" in queue for number in (7, 8, 9))
    assert "~8" in site.client().get("/search?q=roads").text
    assert "Draw hills" in site.client().get("/reviews?text=~9").text
    assert "Draw roads" not in site.client().get("/reviews?text=~9").text


def test_accounts_and_projects_lead_to_the_server(site: Any, server: InventedServer) -> None:
    assert f'href="{server.url}/people/lin"' in lin(site).get("/people/lin").text
    page = site.client().get("/tools/maps").text
    assert all(f'href="{server.url}/proposals/{number}"' in page for number in (7, 8, 9))
    assert "Draw roads" in lin(site).get("/dashboard").text


def test_programs_read_it_too(site: Any) -> None:
    rows = site.client().get("/api/v1/changes?source=house").json["items"]
    assert {(row["kind"], row["number"], row["state"]) for row in rows} == {
        *((("invented", number, "open")) for number in (7, 8, 9)),
        ("invented", 5, "merged"),
    }
    table = list(csv.DictReader(io.StringIO(site.client().get("/reviews/queue.csv").text.removeprefix("\ufeff"))))
    assert {row["Number"] for row in table} == {"7", "8", "9"}
    assert "The House" in site.client().get("/reviews/queue.atom").text


def test_the_description_of_the_api_names_the_kinds_of_the_site(site: Any, make_site: Any) -> None:
    for some_site, kinds in ((site, [*FORGES, "invented"]), (make_site(), [*FORGES])):
        described = some_site.client().get("/api/v1/openapi.json").json["components"]["schemas"]["ChangeItem"]
        assert described["properties"]["kind"] == {
            "description": "What the source runs.",
            "enum": kinds,
            "title": "Kind",
            "type": "string",
        }


def test_a_track_can_be_about_it_on_this_site_alone(make_site: Any, tmp_path: Path) -> None:
    folder = made_content.with_track(made_content.copied(tmp_path))
    file = folder / "tracks" / "first-steps" / "track.toml"
    file.write_text(file.read_text().replace('source = "gerrit"', 'source = "invented"'))
    assert "Invented" in make_site(content=folder, forges=KNOWN).client().get("/tracks/first-steps").text
    with pytest.raises(BrokenContentError, match="source: input should be 'gerrit', 'gitlab' or ''"):
        make_site(content=folder)


def test_a_source_is_kept_under_no_word_that_the_site_does_not_know(make_site: Any) -> None:
    unknown = SourceConfig(slug="house", kind="invented", url="https://house.example")
    with pytest.raises(UnknownForgeError, match="but gerrit, gitlab"), make_site().unit_of_work() as session:
        actions.register_sources(session, [unknown], make.NOON)
    with make_site(forges=KNOWN).unit_of_work() as session:
        actions.register_sources(session, [unknown], make.NOON)
        assert session.scalars(select(Source.kind)).all() == ["invented"]


def test_the_doctor_asks_it(site: Any, server: InventedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "doctor.toml"
    file.write_text(f'[site]\ndata_dir = "{tmp_path}"\n{settings(server)}')
    monkeypatch.setenv("PORTAL_CONFIG", str(file))
    told = {result.name: result for result in doctor.run_checks(KNOWN)}
    assert (told["source house"].ok, told["source house"].detail) == (True, f"{server.url} answers 0.1")


def test_what_is_wrong_in_its_settings_is_told_as_for_every_kind(server: InventedServer) -> None:
    with pytest.raises(ConfigError) as caught:
        config_file.parse_config(settings(server) + 'query = "x"\npage_size = 0\n', KNOWN.settings)
    told = "\n".join(caught.value.problems)
    assert "sources[1]: a invented source has no query; remove it" in told
    assert "sources[1].page_size: " in told
    with pytest.raises(ConfigError, match=r"sources\[1\]\.kind: input should be 'gerrit' or 'gitlab'$"):
        config_file.parse_config(settings(server).replace('realm = "all"\n', ""), FORGES.settings)


def test_two_sites_in_one_process_know_their_own_forges(site: Any, make_site: Any) -> None:
    other = make_site('[[sources]]\nslug = "g"\nkind = "gerrit"\nurl = "http://127.0.0.1:1"\n')
    assert "invented" not in FORGES
    assert other.client().get("/reviews").status_code == 200
    assert "~7" in site.client().get("/reviews").text
