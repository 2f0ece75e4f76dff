"""The table of languages: what it says, what CLDR says in its place, and what is told of a slip in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import BrokenContentError
from portal.core.languages import Language, read_languages

ENGLISH = "[en]\n"


def read(folder: Path, text: str) -> dict[str, Language]:
    (folder / "languages.toml").write_text(text, encoding="utf-8")
    return read_languages(folder)


def test_a_code_is_enough_the_rest_says_cldr(tmp_path: Path) -> None:
    languages = read(tmp_path, f"{ENGLISH}[pl]\n[fa]\n[pt]\n[pt-br]\n[zh-hant]\n[es-419]\n")
    told = {code: (one.name, one.direction, one.locale, one.tag) for code, one in languages.items()}
    assert told == {
        "en": ("English", "ltr", "en", "en"),
        "pl": ("Polski", "ltr", "pl", "pl"),
        "fa": ("فارسی", "rtl", "fa", "fa"),
        "pt": ("Português", "ltr", "pt", "pt"),
        "pt-br": ("Português (Brasil)", "ltr", "pt_BR", "pt-BR"),
        "zh-hant": ("中文 (繁體)", "ltr", "zh_Hant", "zh-Hant"),
        "es-419": ("Español (Latinoamérica)", "ltr", "es_419", "es-419"),
    }
    assert [one.catalogue for one in languages.values()] == ["en", "pl", "fa", "pt", "pt_BR", "zh_Hant", "es_419"]
    assert all(one.in_menu for one in languages.values())


def test_what_the_table_says_counts(tmp_path: Path) -> None:
    text = f'{ENGLISH}[fr]\n[oc]\nname = "Occitan"\nfallbacks = ["fr"]\nin_menu = false\n[tlh]\nlocale = "en"\n'
    languages = read(tmp_path, text)
    assert (languages["oc"].name, languages["oc"].fallbacks) == ("Occitan", ("fr", "en"))
    assert not languages["oc"].in_menu
    assert (languages["tlh"].locale, languages["tlh"].tag, languages["tlh"].is_source) == ("en", "tlh", False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[fr]\n", "1: the source language en is missing → add [en]"),
        (ENGLISH + "[Fr]\n", "2: Fr is no code of a language → write one such as pt-br, in small letters"),
        (ENGLISH + '[fr]\nnam = "F"\n', "3: fr: nam: extra inputs are not permitted → remove the line"),
        (ENGLISH + '[fr]\ndirection = "up"\n', "3: fr: direction: input should be 'ltr' or 'rtl' → mend the value"),
        (ENGLISH + '[fr]\nin_menu = "no"\n', "3: fr: in_menu: input should be a valid boolean → mend the value"),
        (ENGLISH + '[fr]\nfallbacks = ["oc"]\n', "3: fr: there is no language oc to fall back to → name other"),
        (ENGLISH + '[fr]\nfallbacks = ["fr"]\n', "3: fr: there is no language fr to fall back to → name other"),
        (ENGLISH + '[fr]\nlocale = "xx_YY"\n', "3: fr: CLDR knows no locale xx_YY → name one such as pt_BR"),
        (ENGLISH + "[tlh]\n", "2: tlh: CLDR does not know this language → add locale = \"…\","),
        ('name = "x"\n' + ENGLISH, "1: name: input should be a valid dictionary"),
        ("[en\n", "1: not valid TOML"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_line_and_what_mends_it(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BrokenContentError) as caught:
        read(tmp_path, text)
    assert f"languages.toml:{told}" in str(caught.value)


def test_every_slip_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BrokenContentError) as caught:
        read(tmp_path, f'{ENGLISH}[tlh]\n[fr]\ndirection = "up"\n')
    assert len(caught.value.problems) == 2
