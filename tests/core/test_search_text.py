"""Words are folded the same way wherever they stand, and marked where they stand in the text as it is written."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.search_letters import fold_text
from portal.core.search_text import (
    LONGEST_QUERY,
    MOST_TOKENS,
    excerpt,
    highlight,
    index_tokens,
    parse_query,
    title_key_of,
)
from portal.core.search_words import tokens_of
from portal.core.stemming import stems_of

list(stems_of("imported", ("en",)))  # once, before a test with a deadline does: the stemmers take their time

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
        ("الـعـربـيّة", "العربيه"),
        ("إدارة أحمد آية ٱلله", "اداره احمد ايه الله"),
        ("على موسى کتاب فارسی", "علي موسي كتاب فارسي"),
        ("٢٠٢٦ २०२६ ๒๕๖๙", "2026 2026 2569"),
        ("हिन्दी में", "हिन्दी में"),
        ("ज़रूरत", "जरूरत"),
        ("বাংলা ভাষা", "বাংলা ভাষা"),
        ("தமிழ் மொழி", "தமிழ் மொழி"),
        ("ภาษาไทย ที่นี่", "ภาษาไทย ที่นี่"),
        ("ガイド ｶﾞｲﾄﾞ", "ガイド ガイド"),
        ("soft\u00adware \ufeffgate\ufe0f", "software gate"),
        ("Ｃ＋＋ C♯", "c++ c#"),
    ],
)
def test_case_and_accents_are_folded_away(text: str, folded: str) -> None:
    assert fold_text(text) == unicodedata.normalize("NFD", folded)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fix_the GATE-keeper's tool/page #123", ["fix", "the", "gate", "keeper", "s", "tool", "page", "123"]),
        ("維基百科 wiki", ["維基", "基百", "百科", "科", "wiki"]),
        ("C, C++, C#, F#, .NET, R, Go", ["c", "cplusplus", "csharp", "fsharp", "dotnet", "r", "go"]),
        (
            "C++17, g++ (C#) #1 c#4 f#minor ... and ..so a.NET",
            [
                *("cplusplus", "17", "gplusplus", "csharp", "1", "csharp", "4", "f", "minor"),
                *("and", "so", "a", "net"),
            ],
        ),
        (
            "MediaWiki PHPUnit HTMLParser OAuth jQuery iOS",
            [
                *("media", "wiki", "php", "unit", "html", "parser", "oauth", "jquery", "ios"),
            ],
        ),
        ("हिन्दी हिंदी सम्पादन संपादन चाँद चांद", ["हिंदी", "हिंदी", "संपादन", "संपादन", "चांद", "चांद"]),
        ("বাংলা ভাষা தமிழ் மொழி", ["বাংলা", "ভাষা", "தமிழ்", "மொழி"]),
        ("ภาษาไทย", ["ภาษา", "ษาไท", "ไทย", "ย"]),
        ("ພາສາລາວ", ["ພາສາ", "ສາລາ", "ລາວ", "ວ"]),
        ("ភាសាខ្មែរ", ["ភាសា", "សាខ្", "ខ្មែ", "មែរ", "រ"]),
        ("မြန်မာ", ["မြန်", "န်မာ", "မာ"]),
        ("日本語ガイド", ["日本", "本語", "語ガ", "ガイ", "イド", "ド"]),
        ("می\u200cخواهم", ["مي", "خواهم"]),
        ("🎉 !!! --- %_%", []),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_and_chinese_signs_are_words_by_twos(text: str, words: list[str]) -> None:
    assert tokens_of(text) == [unicodedata.normalize("NFD", word) for word in words]


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


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("gate-keeper", {"gatekeeper"}),
        ("search_text.py", {"searchtext", "searchtextpy"}),
        ("MediaWiki", {"mediawiki"}),
        ("Node.js", {"nodejs"}),
        ("l’été", {"lete"}),
        (".gitignore", {"gitignore"}),
        ("notepad++", {"notepad"}),
        ("T1234 python3", {"1234", "3"}),
        ("changes", {"-chang"}),
        ("policies", {"-polici"}),
        ("relectures", {"-relectur"}),
        ("modifiées", {"-modifi"}),
        ("المكتبات", {"-مكتب", "مكتبات"}),
        ("والكتب", {"كتب"}),
        ("للترجمة", {"ترجمه"}),
    ],
)
def test_a_text_is_found_by_compounds_and_stems_too(text: str, also: set[str]) -> None:
    assert also <= set(index_tokens(text))


def test_an_arabic_word_is_the_same_with_and_without_its_article() -> None:
    assert parse_query("الترجمة").words[0].wholes == ("ترجمه",)
    assert parse_query("ولد").words[0].wholes == (), "too short to have one"


@pytest.mark.parametrize("text", ["C", "R", "c++", ".net", "C#"])
def test_names_of_languages_have_no_stems_and_no_compounds(text: str) -> None:
    assert [(word.wholes, word.stems) for word in parse_query(text).words] == [((), ())]


def test_a_stem_is_that_of_the_language_that_was_named() -> None:
    assert list(stems_of("übersetzungen", ("de",))) == ["ubersetz"]
    assert list(stems_of("traducciones", ("es-MX",))) == ["traduccion"]
    assert list(stems_of("переводы", ("en",))) == ["перевод"], "its letters tell it"
    assert list(stems_of("python3", ("en",))) == []


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
    assert highlight("Changes of MediaWiki in C++", parse_query("changing mediaw c++")) == (
        "<mark>Changes</mark> of <mark>MediaWiki</mark> in <mark>C++</mark>"
    )
    assert highlight("用維基百科", parse_query("維基百")) == "用<mark>維基百</mark>科"
    assert highlight("दी हिन्दीभाषा", parse_query("हिंदी")) == "दी <mark>हिन्दी</mark>भाषा"


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
    assert title_key_of("Node.js") == title_key_of("NodeJS") == title_key_of("node js")
    assert len({title_key_of(name) for name in ("C", "C++", "C#", "F#", ".NET", "net", "R", "Go")}) == 8
    assert -(2**63) <= title_key_of("x") < 2**63


@given(TEXTS)
def test_every_word_of_a_title_leads_to_it(title: str) -> None:
    """Whatever is typed of a title, it is among the tokens by which the title is found."""
    tokens = set(index_tokens(title))
    for word in parse_query(title).words:
        begun = any(token.startswith(word.token) for token in tokens)
        assert begun, word
        for half in (word.token[: len(word.token) // 2], word.token):
            assert all(any(token.startswith(one.token) for token in tokens) for one in parse_query(half).words)
