"""Languages: catalogues with a fallback chain, and the language the present page or letter speaks.

Our own small module because Flask-Babel has no fallback between languages (pt_BR → pt) and fails on codes that CLDR
does not know. Which languages there are stands in a table of data (languages.py). Catalogues are compiled from their
.po files when they are first spoken: no .mo file is kept.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations

from portal.core.languages import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from portal.core.languages import Language, read_languages

CATALOGUES = Path(__file__).parent.parent / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")

LANGUAGES = read_languages(CATALOGUES)
TARGET_LANGUAGES = {code: language for code, language in LANGUAGES.items() if not language.is_source}
"""The languages into which messages and content are translated, by code; those that are begun only, too."""
MENU = tuple(language for language in LANGUAGES.values() if language.in_menu)

_speaking: ContextVar[Language] = ContextVar("speaking", default=LANGUAGES[SOURCE_LANGUAGE])
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


def current_language() -> Language:
    """The language that is being spoken: the page's, or the letter's."""
    return _speaking.get()


def current_locale() -> Locale:
    """The CLDR locale of the language that is being spoken."""
    return _locale(_speaking.get().locale)


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
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier)


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones known here."""
    return frozenset(available_timezones())


def catalogue_path(language: Language, folder: Path = CATALOGUES) -> Path:
    """Where the words of this language stand."""
    return folder / language.catalogue / "LC_MESSAGES" / "portal.po"


class KeysInstead(NullTranslations):
    """Every message as its key, and with what its placeholders are filled: "(%(name)s thanks you: Ana)"."""

    def gettext(self, message: str) -> str:
        """The key in parentheses, with a place behind it for each value."""
        values = ", ".join(dict.fromkeys(PLACEHOLDER.findall(message)))
        # Only a message with placeholders is sure to be filled in, and then each % of its key has to be doubled.
        return f"({message.replace('%', '%%')}: {values})" if values else f"({message})"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Both keys of the message."""
        return self.gettext(f"{singular} | {plural}")


@cache
def _catalogue(code: str) -> NullTranslations:
    language = LANGUAGES[code]
    if language.test == "keys":
        return KeysInstead()
    chain = [_compile(LANGUAGES[tag]) for tag in (code, *language.fallbacks)]
    for catalogue, fallback in itertools.pairwise(chain):
        catalogue.add_fallback(fallback)
    return chain[0]


def _compile(language: Language) -> Translations:
    path = catalogue_path(language)
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        # Without `locale` the plural rule of the language would be lost.
        catalogue = read_po(file, locale=language.locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
