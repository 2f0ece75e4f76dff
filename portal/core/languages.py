"""The table of languages, portal/translations/languages.toml: read and checked. A new language is data, no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from babel import Locale, localedata
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.content import BrokenContentError, Problems, load_toml
from portal.core.line_numbers import Lines, toml_lines

SOURCE_LANGUAGE = "en"
TABLE = "languages.toml"
CODE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*")
Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Language:
    """A language the interface speaks.

    `fallbacks` are the codes of languages that stand in for it, in their order, English at last. `locale` is the CLDR
    locale for dates and numbers. `test` is "" for a language that people read; else it is English, set from right to
    left ("mirrored") or with the key of every message in its place ("keys"). `is_stored` says that what people write
    may be in it, whoever wrote it: search then knows the endings of its words.
    """

    code: str
    locale: str
    fallbacks: tuple[str, ...] = ()
    in_menu: bool = True
    is_stored: bool = False
    test: str = ""
    given_name: str = ""
    given_direction: Direction | None = None

    @cached_property
    def name(self) -> str:
        """What it is called by itself."""
        # CLDR writes names as they stand inside a sentence; in a menu they begin with a capital.
        own = Locale.parse(self.locale).get_display_name() or self.code
        return self.given_name or own[:1].upper() + own[1:]

    @cached_property
    def direction(self) -> str:
        """Which way its text runs: ltr or rtl."""
        return self.given_direction or str(Locale.parse(self.locale).text_direction)

    @property
    def is_source(self) -> bool:
        """Whether its readers are shown English, the language in which everything is written first."""
        return bool(self.test) or self.code == SOURCE_LANGUAGE

    @property
    def tag(self) -> str:
        """What `lang` says of a text in it, after BCP 47: pt-BR."""
        return SOURCE_LANGUAGE if self.is_source else cased(self.code)

    @property
    def catalogue(self) -> str:
        """The folder of its catalogue, named as gettext does: pt_BR."""
        return cased(self.code).replace("-", "_")


class _LanguageTable(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field("", max_length=60)
    direction: Direction | None = None
    locale: str = ""
    fallbacks: list[str] = []
    in_menu: bool = True
    is_stored: bool = False
    test: Literal["", "mirrored", "keys"] = ""


def cased(code: str) -> str:
    """The code with the capitals of BCP 47: the script begins with one, the territory consists of them."""
    first, *rest = code.split("-")
    return "-".join([first, *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def locale_of(code: str) -> str:
    """The CLDR locale of this code; "" when CLDR does not know the language."""
    name = cased(code).replace("-", "_")
    return name if localedata.exists(name) else ""


def read_languages(folder: Path, own: Path | None = None) -> dict[str, Language]:
    """The languages of this folder of catalogues, by code, in the order of the menu.

    `own` is a site's own such folder: its table adds languages, or says otherwise what it says of one.
    Raises BrokenContentError with every problem of the tables.
    """
    problems = Problems()
    tables: dict[str, Any] = {}
    readers: dict[str, _LanguagesReader] = {}
    for path in (folder / TABLE, *([own / TABLE] if own and (own / TABLE).exists() else [])):
        raw = load_toml(path, problems)
        for code in raw:
            tables[code] = _joined(tables.get(code, {}), raw[code])
        readers |= dict.fromkeys(raw, _LanguagesReader(path, problems))
    languages = {code: language for code in tables if (language := readers[code].read(code, tables))}
    if tables and SOURCE_LANGUAGE not in tables:
        problems.add(folder / TABLE, 1, f"the source language {SOURCE_LANGUAGE} is missing", f"add [{SOURCE_LANGUAGE}]")
    if problems:
        raise BrokenContentError(problems)
    return languages


def _joined(shipped: Any, own: Any) -> Any:
    return {**shipped, **own} if isinstance(shipped, dict) and isinstance(own, dict) else own


class _LanguagesReader:
    """Reads one table after the other and notes what is wrong with it."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self._path = path
        self._problems = problems

    @cached_property
    def _lines(self) -> Lines:
        return toml_lines(self._path.read_text(encoding="utf-8"))

    def read(self, code: str, raw: Mapping[str, Any]) -> Language | None:
        """The language of this code, or None when its table has problems."""
        before = len(self._problems.found)
        if not CODE.fullmatch(code):
            self._note(code, "", f"{code} is no code of a language", "write one such as pt-br, in small letters")
        table = self._shaped(code, raw[code])
        if table:
            self._check(code, table, raw)
        return _language(code, table) if table and len(self._problems.found) == before else None

    def _shaped(self, code: str, raw: Any) -> _LanguageTable | None:
        try:
            return _LanguageTable.model_validate(raw)
        except ValidationError as error:
            for detail in error.errors():
                key = str(detail["loc"][0]) if detail["loc"] else ""
                mend = "remove the line" if detail["type"] == "extra_forbidden" else "mend the value"
                self._note(code, key, ": ".join(filter(None, (code, key, detail["msg"].lower()))), mend)
            return None

    def _check(self, code: str, table: _LanguageTable, raw: Mapping[str, Any]) -> None:
        for other in table.fallbacks:
            if other == code or other not in raw:
                what = f"{code}: there is no language {other} to fall back to"
                self._note(code, "fallbacks", what, "name other languages of this file")
        if table.locale and not localedata.exists(table.locale):
            self._note(code, "locale", f"{code}: CLDR knows no locale {table.locale}", "name one such as pt_BR")
        if not (table.locale or table.test or locale_of(code)):
            what = f"{code}: CLDR does not know this language"
            self._note(code, "", what, 'add locale = "…", after whose rules its dates are written')

    def _note(self, code: str, key: str, what: str, mend: str) -> None:
        self._problems.add(self._path, self._lines.of((code, key)), what, mend)


def _language(code: str, table: _LanguageTable) -> Language:
    after = [other for other in table.fallbacks if other != SOURCE_LANGUAGE]
    return Language(
        code=code,
        locale=table.locale or (SOURCE_LANGUAGE if table.test else locale_of(code)),
        fallbacks=() if code == SOURCE_LANGUAGE else (*after, SOURCE_LANGUAGE),
        in_menu=table.in_menu,
        is_stored=table.is_stored,
        test=table.test,
        given_name=table.name,
        given_direction=table.direction,
    )
