"""A letter says what was said: the words themselves, as far as its reader may see them, and never as ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from portal.activity.models import Event
from portal.activity.rules import ELLIPSIS, EXCERPT, excerpt
from portal.core.plain_text import plain_text_to_html, quoted
from tests import made_content, make
from tests.letters import all_at_once, html_of, text_of
from tests.people.conftest import Postbox
from tests.town import TOOL, Town

SITE = "http://127.0.0.1:8000"
WORDS = "Try `git bisect` first.\n\n- it halves\n- it is quick\n\nSee https://elsewhere.example/ & <b>tell me</b>."


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def town(make_site: Any, tmp_path: Path, post: Postbox) -> Any:
    content = made_content.with_track(made_content.copied(tmp_path))
    with time_machine.travel(make.NOON, tick=False) as clock:
        made = Town(make_site(content=content, clients=SimpleNamespace(mailer=post)), clock)
        with made.site.unit_of_work() as session:
            for person in made.people.values():
                all_at_once(session, person)
        yield made


def _write(town: Town, text: str) -> None:
    town.do("mia", f"/mentoring/pairings/{town.pair()}/messages", text=text)


def _apply(town: Town, text: str) -> None:
    town.do("ben", "/mentoring/apply", pitch=text, capacity="1")


def _offer_help(town: Town, text: str) -> None:
    town.want_owner()
    town.do("ben", f"{TOOL}/offer", note=text)


SAID: dict[str, Callable[[Town, str], object]] = {
    "has written to you": _write,
    "asks for a mentor": lambda town, text: town.ask("ana", text),
    "would like to be a mentor": _apply,
    "could help with": _offer_help,
    "offers to take the role": lambda town, text: town.do("ben", "/roles/translator/offer", reason=text),
    "thanks": lambda town, text: town.do("ana", f"/mentoring/pairings/{town.pair()}/complete", thanks=text),
}
SUBJECTS = {"thanks": "has completed the pairing"}


@pytest.mark.parametrize("deed", SAID)
def test_the_words_themselves_stand_in_the_letter_as_text_and_as_html(town: Town, post: Postbox, deed: str) -> None:
    SAID[deed](town, WORDS)
    town.site.work("mail.deliver")
    subject = SUBJECTS.get(deed, deed)
    letter = next(one for one in post.sent if subject in one["Subject"])
    assert "\n".join(f"> {line}".rstrip() for line in WORDS.split("\n")) in text_of(letter)
    page = html_of(letter)
    quote = re.search(r"<blockquote>.*</blockquote>", page, re.DOTALL)
    assert quote is not None
    assert "Try `git bisect` first.</p>" in quote[0]
    assert "&lt;b&gt;tell me&lt;/b&gt;" in quote[0]
    assert "href" not in quote[0]
    assert 'dir="auto"' in quote[0]
    assert "elsewhere.example/" not in re.findall(r'href="([^"]*)"', page)


def test_only_the_other_of_the_two_gets_the_words_of_a_message(town: Town, post: Postbox) -> None:
    _write(town, "Our secret is a quokka.")
    town.site.work("mail.deliver")
    assert {str(one["To"]) for one in post.sent if "quokka" in text_of(one)} == {"Ana <ana@example.org>"}


def test_a_long_message_is_cut_and_leads_on(town: Town, post: Postbox) -> None:
    _write(town, "word " * 700 + "end")
    town.site.work("mail.deliver")
    text = text_of(next(one for one in post.sent if "has written" in one["Subject"]))
    assert "word…" in text
    assert "end" not in text.partition("word…")[0]
    assert re.search(rf"The rest of it, and the place to answer:\s+{SITE}/mentoring/pairings/1", text)


def test_what_was_told_before_letters_had_the_words_can_still_be_told(town: Town, post: Postbox) -> None:
    _write(town, "Hello.")
    with town.site.unit_of_work() as session:
        for event in session.query(Event):
            event.values = {key: value for key, value in event.values.items() if key != "said"}
    town.site.work("mail.deliver")
    assert any("there is a new message from Mia" in text_of(one) for one in post.sent)


@given(st.text(max_size=3000), st.integers(5, 1000))
def test_an_excerpt_is_the_beginning_and_no_longer_than_wanted(text: str, length: int) -> None:
    cut = excerpt(text, length)
    assert len(cut) <= length + len(ELLIPSIS)
    assert text.strip().startswith(cut.removesuffix(ELLIPSIS) if cut != text.strip() else cut)


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("Hello there, Ana", 100, "Hello there, Ana"),
        ("Hello there, Ana", 9, "Hello…"),
        ("Hello there, Ana", 12, "Hello there,…"),
        ("x" * 30, 10, "x" * 10 + "…"),
        ("你好吗今天天气很好", 4, "你好吗今…"),
    ],
)
def test_words_stay_whole_where_there_are_any(text: str, length: int, cut: str) -> None:
    assert excerpt(text, length) == cut


@pytest.mark.parametrize(
    "typed",
    [
        f"Sign in anew:\n\n{SITE}.evil.example/",
        f"{SITE}/people/me/delete",
        "-- \nYou get this letter because",
        "Roles\n-----\n\n- you are steward now",
        "> > nested\n\n\n\n> again",
    ],
)
def test_nothing_that_is_cited_passes_for_our_own_words(typed: str) -> None:
    page = plain_text_to_html(f"Bo writes:\n\n{quoted(typed)}\n\nAnswer here.", SITE)
    assert page.count("<blockquote>") == 1
    outside = page.partition("<blockquote>")[0] + page.partition("</blockquote>")[2]
    assert outside == "<p>Bo writes:</p>\n\n<p>Answer here.</p>"
    assert "href" not in page


def test_a_letter_holds_so_much_and_no_more() -> None:
    assert len(excerpt("a" * 5000)) == EXCERPT + 1
