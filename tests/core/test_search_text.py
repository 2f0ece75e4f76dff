"""Words are folded the same way wherever they stand, and marked where they stand in the text as it is written."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.search_text import (
    LONGEST_QUERY,
    MOST_TOKENS,
    excerpt,
    fold_text,
    highlight,
    parse_query,
    title_key_of,
    tokens_of,
)

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Éloïse", "eloise"),
        ("ELOISE", "eloise"),
        ("E\u0301loi\u0308se", "eloise"),
        ("Straße", "strasse"),
        ("Øre Łódź", "ore lodz"),
        ("İstanbul", "istanbul"),
        ("Ĳssel ﬁn", "ijssel fin"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_case_and_accents_are_folded_away(text: str, folded: str) -> None:
    assert fold_text(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fix_the GATE-keeper's tool/page #123", ["fix", "the", "gate", "keeper", "s", "tool", "page", "123"]),
        ("維基百科 wiki", ["維", "基", "百", "科", "wiki"]),
        ("🎉 !!! --- %_%", []),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_and_chinese_signs_stand_alone(text: str, words: list[str]) -> None:
    assert tokens_of(text) == words


@given(TEXTS)
def test_folding_twice_changes_nothing_and_composition_does_not_matter(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)
    assert tokens_of(unicodedata.normalize("NFD", text)) == tokens_of(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_words_hold_nothing_that_a_query_could_trip_over(text: str) -> None:
    assert not re.search(r"[\s\"'\\*:()&|!<>=+#^{}-]|\0", "".join(tokens_of(text)))


@given(TEXTS, TEXTS)
def test_marking_changes_nothing_but_the_marks(text: str, typed: str) -> None:
    marked = highlight(text, parse_query(typed))
    plain = marked.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in plain
    assert plain.unescape() == text


@given(TEXTS)
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    for word in tokens_of(text):
        assert "<mark>" in highlight(text, parse_query(word))


def test_what_was_asked_for_is_marked_where_a_word_begins_so() -> None:
    query = parse_query("éte gate")
    assert highlight("L'été des gates, agate & <b>", query) == (
        "L&#39;<mark>été</mark> des <mark>gate</mark>s, agate &amp; &lt;b&gt;"
    )
    assert highlight("e\u0301te\u0301", parse_query("ete")) == "<mark>e\u0301te\u0301</mark>"
    assert highlight("ﬁnal", parse_query("f")) == "<mark>ﬁ</mark>nal"


def test_a_question_is_cut_to_what_can_be_looked_for() -> None:
    assert parse_query("  A  a b ").tokens == ("a", "b")
    assert len(parse_query("x" * 10_000).text) == LONGEST_QUERY
    assert len(parse_query(" ".join("abcdefghijklmnop")).tokens) == MOST_TOKENS
    assert not parse_query("!?")
    assert parse_query("!? a")


def test_an_excerpt_is_one_line_around_the_first_match() -> None:
    text = "x " * 300 + "here is the gate of all gates " + "y " * 300
    line = excerpt(text, parse_query("gate"), 60)
    assert line.startswith("… x") and line.endswith("y …")
    assert "here is the gate" in line
    assert excerpt("Short\n text", parse_query("none")) == "Short text"
    assert excerpt("z " * 300, parse_query("none"), 20) == "z z z z z z z z z z …"


@given(TEXTS, TEXTS, st.integers(20, 60))
def test_an_excerpt_never_grows_long_and_keeps_what_was_found(text: str, typed: str, length: int) -> None:
    line, query = excerpt(text, parse_query(typed), length), parse_query(typed)
    assert len(line) <= length + 4
    if "<mark>" in highlight(text, query) and all(len(word) < length // 2 for word in tokens_of(text)):
        assert "<mark>" in highlight(line, query)


def test_titles_of_the_same_words_share_a_key() -> None:
    assert title_key_of("Mend the Gate!") == title_key_of("mend  thé gate")
    assert title_key_of("Mend the gate") != title_key_of("Mend the gates")
    assert -(2**63) <= title_key_of("x") < 2**63
