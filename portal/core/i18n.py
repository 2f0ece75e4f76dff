"""Languages: catalogues with a fallback chain, and the language the present page or letter speaks.

Our own small module because Flask-Babel has no fallback between languages (pt_BR → pt) and fails on codes that CLDR
does not know. Which languages there are stands in tables of data (languages.py), their words in catalogues
(catalogues.py). A site may have languages and words of its own: whoever works for one says so by `use_languages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.support import LazyProxy, NullTranslations

from portal.core.catalogues import FOLDER, SiteLanguages
from portal.core.languages import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from portal.core.languages import Language

SHIPPED = SiteLanguages()
"""The languages of a site that has none of its own."""

_ENGLISH = SHIPPED.words(SOURCE_LANGUAGE)
_site: ContextVar[SiteLanguages] = ContextVar("site", default=SHIPPED)
_speaking: ContextVar[Language] = ContextVar("speaking", default=SHIPPED.all[SOURCE_LANGUAGE])
_words: ContextVar[NullTranslations] = ContextVar("words", default=_ENGLISH)
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


def languages_of(own: Path | None) -> SiteLanguages:
    """The languages of a site with this folder of content of its own. Raises BrokenContentError."""
    return SiteLanguages(own) if own and (own / FOLDER).is_dir() else SHIPPED


def use_languages(languages: SiteLanguages) -> None:
    """From here on work for a site with these languages, and speak English."""
    _site.set(languages)
    speak(SOURCE_LANGUAGE)


@contextmanager
def using_languages(languages: SiteLanguages) -> Iterator[None]:
    """Work for a site with these languages inside the block only."""
    with _restored():
        use_languages(languages)
        yield


def known_languages() -> Mapping[str, Language]:
    """All languages of the site that is being served, by code."""
    return _site.get().all


def target_languages() -> Mapping[str, Language]:
    """The languages into which its messages and content are translated, by code; those that are begun only, too."""
    return _site.get().targets


def menu_languages() -> tuple[Language, ...]:
    """The languages that it offers to people, in the order of the menu."""
    return _site.get().menu


def stored_languages() -> tuple[str, ...]:
    """The codes of the languages in which everything that it stores may be written, whoever wrote it."""
    return _site.get().stored


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
    site = _site.get()
    language = site.all.get(code, site.all[SOURCE_LANGUAGE])
    _speaking.set(language)
    _words.set(site.words(language.code))
    _zone.set(zone if zone in time_zones() else "UTC")


@contextmanager
def speaking(code: str, zone: str = "UTC") -> Iterator[None]:
    """Speak this language inside the block only."""
    with _restored():
        speak(code, zone)
        yield


@contextmanager
def _restored() -> Iterator[None]:
    before: list[tuple[ContextVar[Any], Any]] = [
        (variable, variable.get()) for variable in (_site, _speaking, _words, _zone)
    ]
    try:
        yield
    finally:
        for variable, value in before:
            variable.set(value)


def _(message: str, /, **values: Any) -> str:
    """The message in the language being spoken, with its named placeholders filled in."""
    text = look_up(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: Any) -> str:
    """The form of the message that fits the number; `%(num)s` is the number itself."""
    return look_up_plural(singular, plural, number) % {"num": number, **values}


def words_spoken() -> NullTranslations:
    """The messages in the language being spoken: another thing for each site and language."""
    return _words.get()


def look_up(message: str) -> str:
    """The message as it stands in the catalogue: templates fill in its placeholders themselves, escaped."""
    text: str = _words.get().gettext(message)
    return text


def look_up_plural(singular: str, plural: str, number: int) -> str:
    """The form that fits the number, as it stands in the catalogue."""
    text: str = _words.get().ngettext(singular, plural, number)
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
