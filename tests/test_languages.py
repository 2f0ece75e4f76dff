"""Languages are added by files alone: the commands that begin one, and a walk in one that nobody had thought of."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from click.testing import CliRunner

from portal.authoring.languages import UNREAD, new_language
from portal.cli import main
from portal.core.catalogues import CATALOGUES, catalogue_path
from portal.core.errors import Conflict, NotFound
from portal.core.i18n import SHIPPED, ngettext, speaking
from portal.core.languages import read_languages
from tests.test_recipes import COPIED, ROOT, House

HAVING_WORDS = [code for code, one in SHIPPED.targets.items() if catalogue_path(one).exists()]
WORDS = {
    "Sign in": "Ensaluti",
    "Your password for %(site)s was changed": "Via pasvorto por %(site)s estas ŝanĝita",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues and of the table of languages."""
    return Path(shutil.copytree(CATALOGUES, tmp_path / "translations"))


def test_a_new_language_gets_an_empty_catalogue_and_its_lines_in_the_table(folder: Path) -> None:
    before = (folder / "languages.toml").read_text(encoding="utf-8")
    catalogue, table = new_language("pl", folder)
    assert catalogue == folder / "pl" / "LC_MESSAGES" / "portal.po"
    added = '\n[pl]\nname = "Polski"\ndirection = "ltr"\nin_menu = false\n'
    assert table.read_text(encoding="utf-8") == before + added
    with catalogue.open("rb") as file:
        words: Any = read_po(file)
    assert words.num_plurals == 3
    french = (folder / "fr" / "LC_MESSAGES" / "portal.po").read_text(encoding="utf-8")
    assert len(words) == french.count("\nmsgid ") - 1, "the head is no message"
    assert not any("".join(entry.string) for entry in words if entry.id)


@pytest.mark.parametrize(
    ("typed", "code", "catalogue"), [("pt_BR", "pt-br", "pt_BR"), ("zh-Hant", "zh-hant", "zh_Hant"), ("FA", "fa", "fa")]
)
def test_a_code_may_be_written_as_others_write_it(folder: Path, typed: str, code: str, catalogue: str) -> None:
    assert new_language(typed, folder)[0].parts[-3] == catalogue
    assert read_languages(folder)[code].direction == ("rtl" if code == "fa" else "ltr")


def test_a_language_falls_back_to_the_one_it_belongs_to(folder: Path) -> None:
    new_language("fr-ca", folder)
    assert read_languages(folder)["fr-ca"].fallbacks == ("fr", "en")


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("spanish", "Did you mean es (Spanish)?"),
        ("germ", "Did you mean de (German)"),
        ("esperanta", "Did you mean eo (Esperanto)"),
        ("de-xx", "Did you mean de (German)"),
        ("../x", ""),
    ],
)
def test_an_unknown_code_is_refused_with_near_ones(folder: Path, typed: str, near: str) -> None:
    with pytest.raises(NotFound) as caught:
        new_language(typed, folder)
    assert f"knows no language “{typed}”." in str(caught.value)
    assert near in str(caught.value)


def test_a_language_that_is_there_stays_as_it_is(folder: Path) -> None:
    with pytest.raises(Conflict, match=r"Français \(fr\) is there already"):
        new_language("fr", folder)


def test_the_status_of_a_language_that_is_not_there_is_told_in_a_sentence() -> None:
    told = CliRunner().invoke(main, ["language", "status", "xx"])
    assert told.exit_code == 1
    assert "Nothing is translated into “xx”. There are: fr" in told.output


def test_the_status_counts_what_no_native_speaker_has_read() -> None:
    for code in HAVING_WORDS:
        told = CliRunner().invoke(main, ["language", "status", code]).output
        unread = catalogue_path(SHIPPED.targets[code]).read_text(encoding="utf-8").count(f"# {UNREAD}\n")
        assert (f", {unread} {UNREAD}\n" in told) == (unread > 0)
        assert re.search(r"content   \d+ of \d+ files", told)


@pytest.mark.parametrize("code", HAVING_WORDS)
def test_a_catalogue_has_the_plural_rule_of_its_language(code: str) -> None:
    with catalogue_path(SHIPPED.targets[code]).open("rb") as file:
        words = read_po(file)
    rule = get_plural(SHIPPED.targets[code].locale)
    assert (words.num_plurals, words.plural_expr) == (rule.num_plurals, rule.plural_expr)


FORMS = {"fr": [0, 0, 1, 1, 1, 1], "es": [1, 0, 1, 1, 1, 1], "ar": [0, 1, 2, 3, 5, 4]}


@pytest.mark.parametrize(("code", "forms"), FORMS.items())
def test_each_number_gets_the_form_it_takes(code: str, forms: list[int]) -> None:
    with catalogue_path(SHIPPED.targets[code]).open("rb") as file:
        entry: Any = read_po(file).get("%(num)s month")
    with speaking(code):
        said = [ngettext("%(num)s month", "%(num)s months", number) for number in (0, 1, 2, 3, 11, 100)]
    assert said == [
        entry.string[form] % {"num": number} for form, number in zip(forms, (0, 1, 2, 3, 11, 100), strict=True)
    ]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The code with Esperanto in it, of which only files were written."""
    made = House(tmp_path_factory.mktemp("house"))
    left_out = shutil.ignore_patterns("__pycache__", "data", "recorded", "bench", "browser", "real")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, made.folder / name, ignore=left_out)
        else:
            shutil.copy(ROOT / name, made.folder / name)
    made.portal("language", "new", "eo")
    _fill_in(made.folder / "portal" / "translations" / "eo" / "LC_MESSAGES" / "portal.po")
    table = made.folder / "portal" / "translations" / "languages.toml"
    table.write_text(table.read_text(encoding="utf-8").removesuffix("in_menu = false\n"), encoding="utf-8")
    _translate(made, "roles/mentor", "Mentoro")
    _translate(made, "pages/privacy", "Privateco")
    _translate(made, "pages/search", "Serĉado")
    _replace(made.folder / "content" / "pages" / "search.eo.md", r"^translates: .*$", 'translates: "0123456789ab"')
    _translate(made, "tracks/reviewing-changes/why-review", "Kial kontroli")
    _replace(made.folder / "content" / "skills.toml", r'^(name = "Accessibility")$', r'\1\nname_eo = "Alirebleco"')
    _replace(
        made.folder / "content" / "tracks" / "reviewing-changes" / "track.toml",
        r"^(\w+)_fr = (\[[^\]]*\]|.*)$",
        r"\g<0>\n\1_eo = \2",
    )
    return made


def _replace(path: Path, before: str, after: str) -> None:
    path.write_text(re.sub(before, after, path.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")


def _fill_in(catalogue: Path) -> None:
    for message, words in WORDS.items():
        _replace(catalogue, rf'^(msgid "{re.escape(message)}"\nmsgstr) ""$', rf'\1 "{words}"')


def _translate(house: House, name: str, title: str) -> None:
    """A translation of this content file, whose title is enough for the walk."""
    path = house.folder / "content" / f"{name}.eo.md"
    shutil.copy(path.with_name(path.name.replace(".eo.", ".fr.")), path)
    _replace(path, r"^title: .*$", f"title: {title}")
    house.portal("content", "stamp", str(path))


def test_esperanto_is_spoken_everywhere_by_files_alone(house: House) -> None:
    said = house.portal("language", "status", "eo")
    assert re.search(r"^eo  Esperanto\n    messages  2 of \d+ translated$", said, re.MULTILINE)
    assert re.search(r"^    content   4 of \d+ files, 1 of them stale$", said, re.MULTILINE)
    house.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/walk_in_esperanto.py")
