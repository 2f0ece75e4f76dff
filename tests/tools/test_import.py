"""Bringing records in: real files, hostile files, lists of addresses; twice is as good as once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.cli import main
from portal.clients.errors import Missing
from portal.clients.guard import NotPublic
from portal.clients.responses import HttpResponse
from portal.core.database import Base
from portal.tools.jobs import import_toolinfo
from portal.tools.models import Tool, ToolFacet, ToolPerson
from tests.data import TOOLINFO, toolinfo_schema
from tests.tools.conftest import Catalogue, Importer, Notebook, record

FILES = sorted(TOOLINFO.glob("*.json"))


def everything(site: Any) -> str:
    """All that any table of tools holds, as text."""
    with site.unit_of_work() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name.startswith("tool")]
        return str([session.execute(select(table).order_by(*table.primary_key)).all() for table in tables])


def test_the_22_real_files_come_in_with_a_line_for_each(bring_in: Importer) -> None:
    report = bring_in(*FILES)
    assert len(report.results) == 22
    assert report.counts == {"added": 32, "refused": 1}
    assert [result.location for result in report.results if not result.is_complete] == [
        str(TOOLINFO / "anafibnshahibul__WikiForms.json")
    ]
    assert "broken at line 5" in report.said_of("wikiforms")
    assert "keywords were a list" in report.said_of("campanalytics")
    assert "issue_tracker_url” is called bugtracker_url" in report.said_of("campanalytics")
    assert "“comment”" in report.said_of("GLAMorousToHTML")
    assert "split into 3 names" in report.said_of("heritage-api")


def test_bringing_them_in_twice_changes_nothing(site: Any, bring_in: Importer) -> None:
    bring_in(*FILES)
    before = everything(site)
    assert bring_in(*FILES).counts == {"unchanged": 32, "refused": 1}
    assert everything(site) == before


def test_what_goes_out_is_toolinfo_1_2_2_and_comes_in_again_as_it_is(site: Any, bring_in: Importer) -> None:
    bring_in(*FILES)
    before = everything(site)
    answer = site.client().get("/tools/toolinfo.json")
    assert answer.mimetype == "application/json"
    told = json.loads(answer.data)
    assert len(told) == 32
    jsonschema.validate(told, toolinfo_schema())
    again = bring_in(answer.data)
    assert again.counts == {"unchanged": 32}
    assert again.told == []
    assert everything(site) == before


def test_a_changed_record_is_updated_and_what_people_set_stays(catalogue: Catalogue, bring_in: Importer) -> None:
    catalogue.want_owner()
    assert catalogue.offer(catalogue.ana).status_code == 303
    report = bring_in(record(title="Mapper 2", keywords="new", author="Somebody Else"))
    assert report.counts == {"updated": 1}
    page = catalogue.browser(catalogue.steward).get("/tools/mapper").text
    assert "Mapper 2" in page
    assert "Somebody Else" in page
    assert "Maria Maker" not in page
    assert "I have no time left." in page
    assert "I know its language." in page


def test_of_records_with_the_same_name_the_first_counts(site: Any, bring_in: Importer) -> None:
    report = bring_in([record(title="One"), record(title="Two")], record(title="Three"))
    assert report.counts == {"added": 1, "refused": 2}
    assert "another record of this name" in report.said_of("mapper")
    assert "One" in site.client().get("/tools/mapper").text


def test_many_records_come_in(site: Any, bring_in: Importer) -> None:
    report = bring_in([record(f"tool-{number}", keywords="a, b, c") for number in range(1200)])
    assert report.counts == {"added": 1200}
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Tool)) == 1200


HOSTILE: list[Any] = [
    b"",
    b"\x00\x01\x02",
    b"<html><script>alert(1)</script></html>",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"NaN",
    b"[NaN, Infinity, -1e999, null, true, [], {}]",
    b'[{"name": "x", "title": "\\ud800", "description": "\\u0000", "url": "https://x.example.org"}]',
    b"\xff\xfe[\x00]\x00",
    b'{"name": "bytes", "title": "\xff\xfe", "description": "\xe9", "url": "https://x.example.org/\xe9"}',
    [record(author=[[[[["Ana"]]]]], keywords={"a": 1}, deprecated=[], license=[1], for_wikis={"a": 1})],
    {**record(), "url": ["javascript:alert(1)", {"url": "https://ok.example.org"}]},
]


@pytest.mark.parametrize("thing", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_neither_crash_nor_pass_in_silence(bring_in: Importer, site: Any, thing: Any) -> None:
    report = bring_in(thing)
    said = [*report.told, *(one.problem for one in report.results if one.problem), *report.results[0].notes]
    assert said or report.counts == {}
    assert site.client().get("/tools/").status_code == 200
    jsonschema.validate(json.loads(site.client().get("/tools/toolinfo.json").data), toolinfo_schema())


def test_nothing_active_reaches_a_page(bring_in: Importer, site: Any) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    bad = "javascript:alert(1)"
    bring_in(
        record(
            title=evil,
            subtitle=evil,
            description=evil,
            keywords=evil,
            license=evil,
            technology_used=[evil],
            sponsor=evil,
            author=[{"name": evil, "wiki_username": evil, "url": bad}],
            repository=bad,
            api_url=bad,
            user_docs_url=[{"url": bad, "language": "en"}],
            bugtracker_url='https://x.example.org/"><script>alert(1)</script>',
            icon=bad,
        )
    )
    for path in ("/tools/", "/tools/mapper", "/tools/?keyword=" + evil, "/tools/?license=" + evil):
        page = site.client().get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<img|href=.javascript", page), path
        assert "onerror=alert(1)&gt;" in page or "onerror" not in page


def test_links_lead_only_to_the_web_and_lend_no_weight(bring_in: Importer, site: Any) -> None:
    bring_in(*FILES)
    page = site.client().get("/tools/wikimedia-paws").text
    outside = re.findall(r'<a [^>]*href="(https?://[^"]*)"([^>]*)>', page.partition("<main")[2].partition("</main")[0])
    assert len(outside) >= 5
    assert all("nofollow" in rest for _url, rest in outside)


@dataclass
class Web:
    """A web of a few addresses, as the guarded client shows it."""

    pages: dict[str, Any]
    asked: list[str] = field(default_factory=list)

    def get(self, url: str) -> HttpResponse:
        """The page there, or the trouble."""
        self.asked.append(url)
        page = self.pages.get(url, Missing("it answers 404", status=404))
        if isinstance(page, Exception):
            raise page
        return HttpResponse(json.dumps(page).encode())


def test_a_crawler_list_is_followed_one_step(make_site: Any, bring_in: Importer) -> None:
    pages = {
        "https://a.example.org/list.json": [
            "https://a.example.org/one.json",
            "https://a.example.org/gone.json",
            "http://10.0.0.1/",
            "https://a.example.org/list.json",
            7,
        ],
        "https://a.example.org/one.json": [record("one"), record("two")],
        "http://10.0.0.1/": NotPublic("10.0.0.1 is not on the public internet"),
    }
    web = Web(pages)
    site = make_site(clients=SimpleNamespace(web=web))
    report = bring_in("https://a.example.org/list.json", to=site)
    assert report.counts == {"added": 2, "refused": 6}
    problems = [result.problem for result in report.results if result.problem]
    assert len(problems) == 2
    assert "404" in problems[0]
    assert "not on the public internet" in problems[1]
    assert len(web.asked) == 5, "a list in a list is not followed"


def test_the_words_tools_are_found_by_follow_the_records(site: Any, bring_in: Importer) -> None:
    bring_in(record(keywords="Maps, maps", license="MIT"))
    bring_in(record(keywords="charts"))
    with site.unit_of_work() as session:
        found = {(one.kind, one.value) for one in session.scalars(select(ToolFacet))}
        assert session.scalars(select(ToolPerson)).all() == []
    assert found == {("keyword", "charts"), ("language", "en"), ("wiki", "*")}


def test_the_command_tells_each_file_and_ends_with_1_when_something_was_refused(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, databases: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(f'[database]\nurl = "{databases.fresh()}"\n')
    run = CliRunner().invoke
    told = run(main, ["tools", "import", *map(str, FILES), "missing.json"])
    assert told.exit_code == 1
    for path in FILES:
        assert f"{path}: " in told.output
    assert "wikiforms”: refused: the JSON is broken at line 5" in told.output
    assert "missing.json: it could not be read: No such file or directory" in told.output
    again = run(main, ["tools", "import", str(FILES[0])])
    assert again.exit_code == 0
    assert "1 unchanged" in again.output
    assert run(main, ["tools", "import"]).exit_code == 2
    refused = run(main, ["tools", "import", "http://127.0.0.1:1/x.json", "file:///etc/passwd", "http://[::1]/"])
    assert refused.exit_code == 1
    assert refused.output.count("not_public") == 3


def test_on_a_terminal_a_long_import_says_how_far_it_has_come(
    bring_in: Importer, site: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from portal.tools_import import run

    path = tmp_path / "many.json"
    path.write_text(json.dumps([7, *(record(f"tool-{number}") for number in range(450))]))
    run(site.portal, [str(path)])
    assert capsys.readouterr().out.count("\n") == 2, "into a file goes what was refused, and the sums"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    run(site.portal, [str(path)])
    told = capsys.readouterr().out
    for said in ("reading …", "200 records …", "400 records …", "451 records …"):
        assert said in told
    assert re.sub(r"\x1b\[2K[^\n\r\x1b]*\r|\x1b\[2K", "", told).strip("\r").count("…") == 0


def test_what_a_stranger_wrote_cannot_steer_the_terminal(bring_in: Importer, tmp_path: Any, site: Any) -> None:
    from portal.tools_import import run

    path = tmp_path / "evil.json"
    path.write_bytes(b'[{"name": "\\u001b[2Jevil", "x\\u001b[1m": 1}]')
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("click.echo", lambda text="", **_: said.append(str(text)))
        assert not run(site.portal, [str(path)])
    assert "\x1b[2J" not in "".join(said)


def test_another_origin_replaces_no_tool_unless_it_takes_it_over(site: Any, tmp_path: Any) -> None:
    def bring_in(origin: str, title: str, **options: Any) -> list[Any]:
        file = tmp_path / origin
        file.write_text(json.dumps([record(title=title), record("other" + origin[:1])]))
        notebook = Notebook()
        [result] = import_toolinfo(site.portal, [str(file)], notebook, **options)
        return [{kind.value: count for kind, count in result.counts.items() if count}, *notebook.told_of]

    def stored() -> tuple[str, str]:
        with site.unit_of_work() as session:
            tool = session.query(Tool).filter_by(name="mapper").one()
            return tool.title, tool.origin

    bring_in("a.json", "Ours")
    counts, told = bring_in("b.json", "Theirs")
    assert counts == {"added": 1, "refused": 1}
    assert "came from “a.json”" in told.notes[0] and "--take-over" in told.notes[0]
    assert stored() == ("Ours", "a.json")
    assert bring_in("b.json", "Theirs", take_over=True) == [{"updated": 1, "unchanged": 1}]
    assert stored() == ("Theirs", "b.json")
    assert bring_in("a.json", "Ours")[0] == {"unchanged": 1, "refused": 1}


def test_the_command_takes_tools_over_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("portal.cli.data.open_portal", lambda **_: "the portal")
    monkeypatch.setattr("portal.tools_import.run", lambda *words, **options: asked.append((words, options)) or True)
    assert CliRunner().invoke(main, ["tools", "import", "--take-over", "a.json"]).exit_code == 0
    assert asked == [(("the portal", ["a.json"]), {"take_over": True})]
