"""Records that somebody wrote to do harm: each is told by its name, nothing active is shown, nothing grows."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from portal.tools.toolinfo import normalise
from tests.data import toolinfo_schema
from tests.tools.conftest import Importer, record

MEGA = 1_000_000
LONG = "x" * (10 * MEGA)
DATA = "data:text/html,<script>alert(1)</script>"

# What stands in a record named "mapper", and what is said of it. None: it comes in all the same.
REFUSED: dict[str, tuple[Any, str]] = {
    "a title of ten megabytes": (record(title=LONG), "the entry is longer than 1,000,000 characters"),
    "ten megabytes of escapes": (record(description="\x00" * (2 * MEGA)), "the entry is longer than"),
    "a keyword list of ten megabytes": (record(keywords=["word"] * MEGA), "the entry is longer than"),
    "deep nesting": (record(author=json.loads("[" * 500 + "]" * 500)), "nested deeper than 16 levels"),
    "an active address": (record(url="javascript:alert(1)"), "its url is no http or https address: “javascript:"),
    "an address that holds data": (record(url=DATA), "its url is no http or https address: “data:text/html"),
    "an address that only looks sound": (record(url="https://user:pass@evil.example.org/"), "no http or https address"),
    "an address of a wrong type": (record(url=7), "its url is no http or https address: a number"),
    "a description that is all control characters": (record(description="\x00\x07\ud800"), "it has no description"),
    "a description of a wrong type": (record(description={"en": "Maps"}), "it has no description"),
}
MENDED: dict[str, tuple[Any, str]] = {
    "a title as long as an entry can be": (record(title="x" * 900_000), "title was cut to 255 characters"),
    "a title of a wrong type": (record(title=["Mapper"]), "left out title: it is a list, not a text"),
    "an unknown type": (record(tool_type="spaceship"), "there is no type “spaceship”"),
    "an unknown flag": (record(deprecated="perhaps"), "left out deprecated: it is a text, not true or false"),
    "an unknown language": (record(_language="klingon-of-the-far-north"), "is no language code"),
    "an unknown wiki": (record(for_wikis=["evil.example.org"]), "“evil.example.org” is no wiki we know"),
    "a thousand wikis": (record(for_wikis=["enwiki"] * 1000), "for_wikis was cut to 200 entries"),
    "an unknown field": (record(onload="alert(1)"), "left out what toolinfo does not know: “onload”"),
    "an active repository": (record(repository="javascript:alert(1)"), "left out repository"),
    "a repository that holds data": (record(repository=DATA), "left out repository"),
    "an active link in a list": (record(user_docs_url=[{"language": "en", "url": DATA}]), "left out user_docs_url"),
    "an active address of an author": (record(author=[{"name": "Ana", "url": DATA}]), "left out author"),
    "a picture from elsewhere": (record(icon="https://evil.example.org/x.svg"), "left out icon"),
    "a number no program should read": ({**record(), "openhub_id": 10**400}, "openhub_id"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_by_its_name(bring_in: Importer, site: Any, case: str) -> None:
    bad, said = REFUSED[case]
    report = bring_in([bad, record("sound")])
    assert report.counts == {"added": 1, "refused": 1}
    assert said in report.said_of("mapper")
    assert site.client().get("/tools/sound").status_code == 200
    assert site.client().get("/tools/mapper").status_code == 404


@pytest.mark.parametrize("case", MENDED)
def test_what_can_be_left_out_is_left_out_and_told_by_the_records_name(
    bring_in: Importer, site: Any, case: str
) -> None:
    bad, said = MENDED[case]
    report = bring_in([bad])
    assert report.counts == {"added": 1}
    assert said in report.said_of("mapper")
    page = site.client().get("/tools/mapper").text.partition("<main")[2]
    assert not re.search(r"<script|href=.(?:javascript|data):|evil\.example", page)
    jsonschema.validate(json.loads(site.client().get("/tools/toolinfo.json").data), toolinfo_schema())


@pytest.mark.parametrize("letter", ["\x00", "\ud800", "\udfff", "\x1b", "\u202e", "\ufeff", "\x7f"])
def test_letters_that_no_page_should_hold_are_gone_from_every_text(bring_in: Importer, site: Any, letter: str) -> None:
    said = f"Ma{letter}ps"
    texts = dict.fromkeys(("title", "subtitle", "description", "keywords", "license", "bot_username"), said)
    bring_in([record(**texts, author=[{"name": said, "wiki_username": said}], technology_used=[said])])
    whole = site.client().get("/tools/mapper").text + site.client().get("/tools/").text
    assert letter not in whole
    assert whole.count("Maps") > 8


def test_a_name_that_comes_again_is_told_whatever_was_mended_in_it(bring_in: Importer, site: Any) -> None:
    names = ("a/b", "a b", "a-b", "a\x00-b")
    report = bring_in([record(name, title=f"From {name}", url="https://a.example.org") for name in names])
    assert report.counts == {"added": 1, "refused": 3}
    assert report.said_of("a-b").count("another record of this name came before it") == 3
    assert "From a/b" in site.client().get("/tools/a-b").text


def test_no_tool_takes_an_address_of_ours(site: Any) -> None:
    ours = [rule.rule.split("/")[2] for rule in site.app.url_map.iter_rules() if rule.rule.startswith("/tools/")]
    taken = {name for name in ours if name and "<" not in name}
    assert "toolinfo.json" in taken
    pages = {rule.rule for rule in site.app.url_map.iter_rules() if rule.rule.count("/") == 2}
    for name in taken:
        assert f"/tools/{name}" not in pages or normalise(record(name)).name != name, name


def test_of_a_hundred_thousand_wrong_entries_each_is_told(bring_in: Importer) -> None:
    report = bring_in(b"[" + b"7," * 100_000 + b"7]")
    assert report.counts == {"refused": 100_001}
    assert "a record is an object, and this is a number" in report.said_of("entry 100000")
    assert "only the first 100000 entries of a file are read" in report.said_of("entry 100001")
