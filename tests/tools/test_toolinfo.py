"""Records of every version and of no version: mended where that is possible, refused with a reason where it is not."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tools.toolinfo import RecordRefused, normalise
from tests.data import toolinfo_schema
from tests.tools.conftest import record

SCHEMA = jsonschema.Draft7Validator(toolinfo_schema())

MENDED: list[tuple[str, Any, Any, str]] = [
    ("keywords", ["maps", "a, b", ""], "maps, a, b", "keywords were a list"),
    ("developer_docs_url", {"url": "https://d.example.org", "language": "fr"}, "as a list", "became a list"),
    ("deprecated", "yes", True, "became true or false"),
    ("experimental", 0, False, "became true or false"),
    ("for_wikis", "https://fr.wikipedia.org/wiki/Accueil", ["fr.wikipedia.org"], "became fr.wikipedia.org"),
    ("for_wikis", ["enwiki", "commonswiki"], ["en.wikipedia.org", "commons.wikimedia.org"], "became en.wikipedia.org"),
    ("available_ui_languages", "en, pt_BR", ["en", "pt-BR"], "became pt-BR"),
    ("tool_type", "Web_App", "web app", "became web app"),
    ("tool_type", "userscript", "user script", "became user script"),
    ("technology_used", "PHP", ["PHP"], ""),
    ("author", "Ana, Ben", [{"name": "Ana"}, {"name": "Ben"}], "split into 2 names"),
    ("author", ["Ana"], [{"name": "Ana"}], ""),
    ("author", {"wiki_username": "User:Ana"}, [{"name": "Ana", "wiki_username": "Ana"}], ""),
    ("author", [{"name": "Ana", "email": "a@example.org", "age": 7}], [{"name": "Ana"}], "e-mail address was left out"),
    ("author", "Ana <ana@example.org>", [{"name": "Ana"}], "e-mail address was left out"),
    ("icon", "File:Map icon.svg", "https://commons.wikimedia.org/wiki/File:Map_icon.svg", ""),
    ("repository", "git.example.org/r/tools", "https://git.example.org/r/tools", "tidied"),
    ("license", 2, "2", "was a number"),
    ("issue_tracker_url", "https://bugs.example.org", None, "is called bugtracker_url"),
    ("$language", "fr", None, ""),
]

LEFT_OUT: list[tuple[str, Any, str]] = [
    ("repository", "javascript:alert(1)", "no http or https address"),
    ("repository", "data:text/html,<script>alert(1)</script>", "no http or https address"),
    ("repository", " \tjava\nscript:alert(1)", "no http or https address"),
    ("repository", "https://user:secret@example.org/", "no http or https address"),
    ("repository", "https://" + "a" * 3000 + ".example.org", "no http or https address"),
    ("repository", ["https://a.example.org"], "no http or https address"),
    ("api_url", "https://[::1", "no http or https address"),
    ("tool_type", "spaceship", "no type “spaceship”"),
    ("tool_type", {"a": 1}, "no type an object"),
    ("for_wikis", ["evil.example.org"], "no wiki we know"),
    ("for_wikis", ["x\n.wikipedia.org/<script>"], "no wiki we know"),
    ("for_wikis", 7, "left out for_wikis"),
    ("available_ui_languages", ["<b>"], "no language code"),
    ("_language", "klingon-of-the-very-far-north", "no language code"),
    ("deprecated", "perhaps", "not true or false"),
    ("deprecated", float("nan"), "not true or false"),
    ("subtitle", {"en": "Hello"}, "not a text"),
    ("sponsor", {"name": "WMF"}, "not a text or a list"),
    ("icon", "https://example.org/icon.png", "no file page"),
    ("author", 42, "left out author"),
    ("author", [None, {"email": "a@example.org"}], "author"),
    ("user_docs_url", [{"url": "ftp://example.org"}], "no http or https address"),
    ("url_alternates", 3, "left out url_alternates"),
    ("version", "2.0", "toolinfo does not know: “version”"),
]


@pytest.mark.parametrize(("key", "value", "wanted", "said"), MENDED)
def test_what_can_be_mended_is_mended_and_noted(key: str, value: Any, wanted: Any, said: str) -> None:
    made = normalise(record(**{key: value}))
    if wanted == "as a list":
        wanted = [{"language": "fr", "url": "https://d.example.org"}]
    assert made.record.get(key) == wanted
    assert said in "; ".join(made.mended)
    SCHEMA.validate(made.record)


@pytest.mark.parametrize(("key", "value", "said"), LEFT_OUT)
def test_what_cannot_be_mended_is_left_out_and_noted(key: str, value: Any, said: str) -> None:
    made = normalise(record(**{key: value}))
    assert key not in made.record
    assert said in "; ".join(made.mended)
    SCHEMA.validate(made.record)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "a list"),
        (7, "a number"),
        ({}, "no name"),
        ({**record(), "name": 7}, "not a text"),
        ({**record(), "name": "x" * 256}, "longer than 255"),
        ({**record(), "name": "///"}, "no letter or digit"),
        ({**record(), "url": None}, "it has no url"),
        ({**record(), "url": 3}, "no http or https address"),
        ({**record(), "url": "javascript:alert(1)"}, "no http or https address"),
        ({**record(), "description": ""}, "no description"),
        ({**record(), "description": None}, "no description"),
    ],
)
def test_a_record_without_what_every_tool_needs_is_refused_with_the_reason(raw: Any, said: str) -> None:
    with pytest.raises(RecordRefused, match=said):
        normalise(raw)


def test_a_name_that_fits_no_address_is_mended() -> None:
    assert normalise(record("a/b c")).name == "a-b-c"
    assert normalise(record("toolinfo.json")).name == "toolinfo-json"
    assert (
        normalise(record("user-bdavis_wmf-GlobalWatchlistReset.js")).name == "user-bdavis_wmf-GlobalWatchlistReset.js"
    )


def test_missing_titles_and_descriptions_are_filled_from_what_there_is() -> None:
    raw = {"name": "x", "url": "https://x.example.org", "subtitle": "Does x."}
    made = normalise(raw)
    assert (made.record["title"], made.record["description"]) == ("x", "Does x.")
    assert len(made.mended) == 2


def test_long_and_strange_texts_are_cut_and_cleaned() -> None:
    made = normalise(record(description="\ud800\x00\u202eHello\n\n" + "x" * 100_000, title="T\x1b[31m" * 100))
    assert made.record["description"].startswith("Hello\n\nx")
    assert len(made.record["description"]) <= 65_535
    assert "\x1b" not in made.record["title"]
    assert len(made.record["title"]) == 255


def test_html_stays_text() -> None:
    made = normalise(record(title="<script>alert(1)</script>"))
    assert made.record["title"] == "<script>alert(1)</script>"


def test_a_hostile_record_cannot_make_the_report_long() -> None:
    made = normalise(record(for_wikis=[f"wiki{number}" for number in range(5000)], **{f"k{n}": 1 for n in range(5000)}))
    assert len(made.mended) <= 41
    assert max(map(len, made.mended)) < 600


def test_a_sound_record_is_left_alone() -> None:
    once = normalise(record(author="Ana, Ben", keywords=["a", "b"], tool_type="CLI"))
    twice = normalise(once.record)
    assert twice.record == once.record
    assert twice.mended == []
    assert twice.digest == once.digest


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(alphabet="aé<>*.:/, \x00\ud800\u202e", max_size=12)
    | st.sampled_from(["en", "*", "https://a.org", "a,b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "language", "name", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA.schema["definitions"]["tool"]["properties"])), VALUES))
def test_whatever_comes_in_what_goes_out_fits_the_schema(raw: dict[str, Any]) -> None:
    try:
        made = normalise({**record(), **raw})
    except RecordRefused:
        return
    SCHEMA.validate(made.record)
    assert normalise(made.record).record == made.record
