"""Time zones as people know them: places by the names they have now, and how people write them.

The IANA database comes with the package tzdata. Its zone.tab lists each place once, with its country; `L` lines of
tzdata.zi say which name stands for which. CLDR knows, moreover, what some places were called before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources

from babel import Locale
from babel.core import get_global

from portal.core.i18n import time_zones

UTC = "UTC"
UTC_NAMES = frozenset({"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"})
AFTER_CLDR = "fr"
"""A language that has a name for the place of each zone: so the keys are the names that browsers use."""


@cache
def places() -> Mapping[str, str]:
    """The time zones people can choose, each place once by its present name, with the code of its country; and UTC."""
    rows = (line.split("\t") for line in _file("zone.tab").splitlines() if line and not line.startswith("#"))
    return dict(sorted((row[2], row[0]) for row in rows)) | {UTC: ""}


@cache
def old_names() -> Mapping[str, str]:
    """What browsers and older profiles call a place → its present name."""
    known = {old: _followed(old) for old in time_zones()}
    return {old: present for old, present in known.items() if old != present and present in places()}


def present_name(zone: str) -> str:
    """What a time zone is called now; one that is no place, or none at all, stays as it is."""
    return old_names().get(zone, zone)


@cache
def names_of_browsers() -> Mapping[str, str]:
    """Old names that browsers still tell → the present one."""
    told = Locale(AFTER_CLDR).time_zones
    return {old: present for old, present in old_names().items() if old in told}


@lru_cache(maxsize=64)
def labels(locale: Locale) -> Mapping[str, str]:
    """Each place as its readers call it: the city and the country, such as "Kairo, Ägypten"."""
    return {
        zone: ", ".join(filter(None, (_city(zone, locale), _country(code, locale)))) for zone, code in places().items()
    }


def zones_meant(typed: str, locale: Locale) -> list[str]:
    """The time zones that somebody may mean: by a name of the list, a city or a country, as they or we call it.

    One or several; none when nobody knows it.
    """
    return sorted(_by_name(locale).get(_plain(typed), ()))


@lru_cache(maxsize=64)
def _by_name(locale: Locale) -> Mapping[str, frozenset[str]]:
    # Names without an area ("Portugal", "Cuba") mean the country, as far as it has more than one time.
    exact = {_plain(zone): frozenset({present_name(zone)}) for zone in time_zones() if "/" in zone or zone in UTC_NAMES}
    found: dict[str, set[str]] = {}
    for name, zone in _words(locale):
        found.setdefault(name, set()).add(zone)
    return {name: frozenset(zones) for name, zones in found.items() if name} | exact


def _words(locale: Locale) -> Iterator[tuple[str, str]]:
    """What people may type, and the place that it means."""
    for zone, code in places().items():
        for spoken in (locale, Locale("en")):
            yield _plain(_city(zone, spoken)), zone
            yield _plain(_country(code, spoken)), zone
            yield _plain(f"{_city(zone, spoken)}, {_country(code, spoken)}"), zone
        yield _plain(zone.rpartition("/")[2]), zone
    for old, present in old_names().items():
        yield _plain(old.rpartition("/")[2]), present


def _city(zone: str, locale: Locale) -> str:
    # CLDR goes on calling a place by the first name it had.
    known = locale.time_zones
    named: str = next((known[one]["city"] for one in (zone, *_before(zone)) if "city" in known.get(one, {})), "")
    return named or zone.rpartition("/")[2].replace("_", " ")


@cache
def _before(zone: str) -> tuple[str, ...]:
    return tuple(old for old, present in old_names().items() if present == zone)


def _country(code: str, locale: Locale) -> str:
    name: str = locale.territories.get(code, code)
    return name


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("_", " ").casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def _followed(zone: str) -> str:
    if zone.removeprefix("Etc/") in UTC_NAMES:
        return UTC
    before: set[str] = set()
    while zone not in places() and zone not in before:
        before.add(zone)
        by_cldr = get_global("zone_aliases").get(zone, "")
        zone = by_cldr if by_cldr in places() else _links().get(zone, zone)
    return zone


@cache
def _links() -> Mapping[str, str]:
    rows = (line.split() for line in _file("tzdata.zi").splitlines() if line.startswith("L "))
    return {old: present for _, present, old in rows}


def _file(name: str) -> str:
    return (resources.files("tzdata") / "zoneinfo" / name).read_text("utf-8")
