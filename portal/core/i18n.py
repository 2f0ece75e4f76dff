"""Languages: catalogues with a fallback chain, and the language the present page or letter speaks.

Our own small module because Flask-Babel has no fallback between languages (pt_BR → pt) and fails on codes that CLDR
does not know. Catalogues are compiled from their .po files at the start: no .mo file is kept.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, Translations

CATALOGUES = Path(__file__).parent.parent / "translations"
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language the interface speaks. `locale` is the CLDR locale for dates and numbers."""

    code: str
    name: str
    direction: str
    fallbacks: tuple[str, ...]
    locale: str
    in_menu: bool = True


LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "English", "ltr", (), "en"),
        Language("fr", "Français", "ltr", ("en",), "fr"),
        # English set from right to left: to see that every page stands up to mirroring before the first such language.
        Language("x-rtl", "Right to left (test)", "rtl", ("en",), "en", in_menu=False),
    )
}
MENU = tuple(language for language in LANGUAGES.values() if language.in_menu)

_speaking: ContextVar[Language] = ContextVar("speaking", default=LANGUAGES[SOURCE_LANGUAGE])
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


def current_language() -> Language:
    """The language that is being spoken: the page's, or the letter's."""
    return _speaking.get()


def current_locale() -> Locale:
    """The CLDR locale of the language that is being spoken."""
    return Locale.parse(_speaking.get().locale)


def current_zone() -> ZoneInfo:
    """The time zone in which exact times are written: the reader's, else UTC."""
    return ZoneInfo(_zone.get())


def speak(code: str, zone: str = "UTC") -> None:
    """From here on speak this language (an unknown code: English) and write times in this zone."""
    _speaking.set(LANGUAGES.get(code, LANGUAGES[SOURCE_LANGUAGE]))
    _zone.set(zone if zone in time_zones() else "UTC")


@contextmanager
def speaking(code: str, zone: str = "UTC") -> Iterator[None]:
    """Speak this language inside the block only."""
    before, zone_before = _speaking.get(), _zone.get()
    speak(code, zone)
    try:
        yield
    finally:
        _speaking.set(before)
        _zone.set(zone_before)


def _(message: str, /, **values: Any) -> str:
    """The message in the language being spoken, with its named placeholders filled in."""
    text = look_up(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: Any) -> str:
    """The form of the message that fits the number; `%(num)s` is the number itself."""
    return look_up_plural(singular, plural, number) % {"num": number, **values}


def look_up(message: str) -> str:
    """The message as it stands in the catalogue: templates fill in its placeholders themselves, escaped."""
    text: str = _catalogue(_speaking.get().code).gettext(message)
    return text


def look_up_plural(singular: str, plural: str, number: int) -> str:
    """The form that fits the number, as it stands in the catalogue."""
    text: str = _catalogue(_speaking.get().code).ngettext(singular, plural, number)
    return text


def lazy(message: str, /, **values: Any) -> Any:
    """A message that is looked up when it is shown: for what is written down before the reader is known."""
    return LazyProxy(_, message, enable_cache=False, **values)


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones known here."""
    return frozenset(available_timezones())


@cache
def _catalogue(code: str) -> Translations:
    language = LANGUAGES[code]
    chain = [_compile(tag) for tag in (code, *language.fallbacks)]
    for catalogue, fallback in itertools.pairwise(chain):
        catalogue.add_fallback(fallback)
    return chain[0]


def _compile(code: str) -> Translations:
    path = CATALOGUES / code / "LC_MESSAGES" / "portal.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        # Without `locale` the plural rule of the language would be lost.
        catalogue = read_po(file, locale=LANGUAGES[code].locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
