"""Which words of the index somebody may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.search_spelling import Vocabulary, is_proposable, proposals
from portal.core.search_text import parse_query
from portal.core.stemming import stems_of

list(stems_of("imported", ("en",)))  # once, before a test with a deadline does: the stemmers take their time
WORDS = {"gate": 9, "gates": 4, "keeper": 5, "review": 90, "reviewer": 30, "mentor": 20, "harpsichord": 1, "date": 2}
VOCABULARY = Vocabulary(WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gaet", "gate"),
        ("gste", "gate"),
        ("reveiw", "review"),
        ("rewiev", "review"),
        ("menthor", "mentor"),
        ("metnro", "mentor"),
        ("harpsicord", "harpsichord"),
        ("kepper", "keeper"),
    ],
)
def test_a_slip_of_the_finger_or_two_leads_to_the_word(typed: str, meant: str) -> None:
    assert VOCABULARY.nearest(typed)[0] == meant


def test_the_nearest_counts_then_the_first_letter_then_how_often_it_is_used() -> None:
    assert VOCABULARY.nearest("gata")[0] == "gate"
    assert VOCABULARY.nearest("rate") == ["gate", "date"]
    assert Vocabulary({"gare": 1, "gale": 7}).nearest("gate") == ["gale", "gare"]


@pytest.mark.parametrize("typed", ["", "g", "ga", "zebra", "xyzzy", "12345", "q" * 40])
def test_what_is_like_no_word_leads_nowhere(typed: str) -> None:
    assert VOCABULARY.nearest(typed) == []


def test_only_words_that_people_write_are_proposed() -> None:
    proposable = {
        word for word in ("gate", "школа", "-gat", "=gate", "t1234", "維基", "ab", "x" * 30) if is_proposable(word)
    }
    assert proposable == {"gate", "школа"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("reveiw gate", [("review", "gate")]),
        ("gatekeeper", [("gate keeper",)]),
        ("rate keepre", [("gate", "keeper"), ("date", "keeper")]),
        ("gate revie", []),
        ("gaet xyzzy", []),
        ("維基 gaet", [("維基", "gate")]),
        ("", []),
    ],
)
def test_words_that_are_there_stay_and_one_that_is_like_none_ends_it(typed: str, meant: list[tuple[str, ...]]) -> None:
    assert proposals(parse_query(typed), VOCABULARY, 2) == meant


@given(st.text(max_size=60))
def test_whatever_is_typed_at_most_so_many_are_proposed(typed: str) -> None:
    assert len(proposals(parse_query(typed), VOCABULARY, 2)) <= 2
