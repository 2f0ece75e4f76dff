"""Atom feeds: valid, stable, and harmless whatever their entries are called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.feeds import FeedEntry, _sound, feed

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVIL = '<script>alert("x")</script>&amp;]]>\x00\x0b\ufffe\ud800\u202e'


def entry(path: str = "things/1", **values: Any) -> FeedEntry:
    known = {"title": "A thing", "link": "https://a.example/1", "updated": NOON, "author": "Ana", "summary": "What."}
    return FeedEntry(path, **{**known, **values})


@pytest.fixture
def made(site: Any) -> Any:
    """Makes a feed and reads it."""

    def run(*entries: FeedEntry, title: str = "Things", **filters: str) -> Any:
        with site.app.test_request_context("/things.atom"):
            return ElementTree.fromstring(feed(title, "/things", entries, filters).data)

    return run


def text(element: Any, *path: str) -> str | None:
    found = element.find("/".join(ATOM + name for name in path))
    assert found is not None, path
    return found.text


def test_a_feed_has_all_that_the_standard_asks_for(made: Any) -> None:
    root = made(entry(), entry("things/2", updated=NOON.replace(hour=13)))
    assert root.tag == f"{ATOM}feed"
    assert text(root, "id") == "tag:127.0.0.1,2026:things.atom"
    assert text(root, "title") == "Things · Contributor Portal"
    assert text(root, "updated") == "2026-11-20T13:00:00Z"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://127.0.0.1:8000/things.atom",
        "alternate": "http://127.0.0.1:8000/things",
    }
    first = root.find(f"{ATOM}entry")
    assert [text(first, name) for name in ("id", "title", "updated", "summary")] == [
        "tag:127.0.0.1,2026:things/1",
        "A thing",
        "2026-11-20T12:00:00Z",
        "What.",
    ]
    assert text(first, "author", "name") == "Ana"


def test_an_empty_feed_is_valid_and_the_same_every_time(made: Any) -> None:
    assert text(made(), "updated") == "2026-01-01T00:00:00Z"
    assert ElementTree.tostring(made()) == ElementTree.tostring(made())


def test_other_filters_make_another_feed(made: Any) -> None:
    one, other = made(waiting_on="author", source="a&b"), made(source="a&b", waiting_on="author")
    assert text(one, "id") == text(other, "id") == "tag:127.0.0.1,2026:things.atom?source=a%26b&waiting_on=author"
    assert text(made(), "id") != text(one, "id")


def test_nobodys_words_become_markup_and_forbidden_characters_are_left_out(made: Any) -> None:
    root = made(entry(title=EVIL, author=EVIL, summary=EVIL, link=f"https://a.example/{EVIL}"), title=EVIL)
    shown = '<script>alert("x")</script>&amp;]]>\u202e'
    assert text(root, "entry", "title") == text(root, "entry", "author", "name") == shown
    assert not list(root.iter("script"))


@given(st.text())
def test_whatever_a_title_holds_the_feed_can_be_read(title: str) -> None:
    element = ElementTree.Element("a")
    element.text = _sound(title)
    read = ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8")).text or ""
    assert read == element.text.replace("\r\n", "\n").replace("\r", "\n")


def test_its_language_is_the_one_in_the_address_else_the_sites_own(site: Any, make_site: Any) -> None:
    def language(of: Any, query: str) -> Any:
        answer = of.client().get(f"/tools/wanted.atom{query}", headers={"Accept-Language": "fr"})
        root = ElementTree.fromstring(answer.data)
        return root.get("{http://www.w3.org/XML/1998/namespace}lang"), text(root, "id")

    assert language(site, "") == ("en", "tag:127.0.0.1,2026:tools/wanted.atom")
    assert language(site, "?uselang=fr") == ("fr", "tag:127.0.0.1,2026:tools/wanted.atom?uselang=fr")
    assert language(site, "?uselang=xx")[0] == "en"
    french = make_site('[site]\ndefault_language = "fr"')
    assert language(french, "?uselang=fr") == ("fr", "tag:127.0.0.1,2026:tools/wanted.atom")
