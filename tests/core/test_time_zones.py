"""Each place once, by its present name, found by what people call it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from portal.core.i18n import time_zones
from portal.core.time_zones import labels, names_of_browsers, old_names, places, present_name, zones_meant

ENGLISH, FRENCH, ARABIC = Locale("en"), Locale("fr"), Locale("ar")


def test_every_place_is_there_once_and_has_a_clock() -> None:
    assert len(places()) > 400
    assert "UTC" in places()
    assert not places().keys() & old_names().keys()
    assert not [name for name in places() if name.startswith(("Etc/", "US/", "SystemV/"))]
    assert all(ZoneInfo(name) for name in places())


@pytest.mark.parametrize(
    ("old", "present"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("GB-Eire", "Europe/London"),
        ("Etc/Zulu", "UTC"),
        ("GMT", "UTC"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Mars/Base", "Mars/Base"),
        ("", ""),
    ],
)
def test_an_old_name_means_the_present_place(old: str, present: str) -> None:
    assert present_name(old) == present


def test_every_known_name_means_a_place_or_a_bare_distance_from_utc() -> None:
    unplaced = {name for name in time_zones() if present_name(name) not in places()}
    assert not [name for name in unplaced if not name.startswith("Etc/GMT") and name not in {"Factory", "localtime"}]


@pytest.mark.parametrize(
    ("typed", "locale", "zones"),
    [
        ("Europe/Paris", ENGLISH, ["Europe/Paris"]),
        ("  europe/paris ", ENGLISH, ["Europe/Paris"]),
        ("America/New York", ENGLISH, ["America/New_York"]),
        ("paris", ENGLISH, ["Europe/Paris"]),
        ("sao paulo", FRENCH, ["America/Sao_Paulo"]),
        ("Zürich", ENGLISH, ["Europe/Zurich"]),
        ("Le Caire", FRENCH, ["Africa/Cairo"]),
        ("القاهرة", ARABIC, ["Africa/Cairo"]),
        ("Bombay", ENGLISH, []),
        ("Calcutta", ENGLISH, ["Asia/Kolkata"]),
        ("Kiev", ENGLISH, ["Europe/Kyiv"]),
        ("Inde", FRENCH, ["Asia/Kolkata"]),
        ("Nairobi, Kenya", ENGLISH, ["Africa/Nairobi"]),
        ("utc", FRENCH, ["UTC"]),
        ("Portugal", ENGLISH, ["Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"]),
        ("nowhere", ENGLISH, []),
        ("", ENGLISH, []),
    ],
)
def test_a_place_is_found_by_what_people_call_it(typed: str, locale: Locale, zones: list[str]) -> None:
    assert zones_meant(typed, locale) == zones


@pytest.mark.parametrize("locale", [ENGLISH, FRENCH, ARABIC])
def test_every_proposal_is_found_as_it_is_shown(locale: Locale) -> None:
    shown = labels(locale)
    assert shown.keys() == places().keys()
    assert not [zone for zone, label in shown.items() if zone not in zones_meant(label, locale)]


def test_what_browsers_still_say_is_known() -> None:
    assert names_of_browsers()["Asia/Calcutta"] == "Asia/Kolkata"
    assert len(names_of_browsers()) < 40
