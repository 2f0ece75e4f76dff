"""Template filters: dates, ages and numbers in the reader's language, Markdown through its one sanitising door."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import dates, numbers
from jinja2 import Environment
from markupsafe import Markup, escape

from portal.core import clock
from portal.core.folder import site_links
from portal.core.i18n import _, current_language, current_locale, current_zone, known_languages
from portal.core.initials import initials
from portal.core.markdown import render_markdown
from portal.core.plain_text import quoted
from portal.core.time_zones import present_name

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_Unit = Literal["year", "month", "week", "day", "hour", "minute", "second"]
_UNITS: tuple[tuple[_Unit, timedelta, float], ...] = (
    ("year", timedelta(days=365), 1.5),
    ("month", timedelta(days=30), 1.5),
    ("week", timedelta(weeks=1), 1.5),
    ("day", timedelta(days=1), 23.5 / 24),
    ("hour", _HOUR, 59.5 / 60),
    ("minute", _MINUTE, 59.5 / 60),
    ("second", timedelta(seconds=1), 0),
)
"""The unit a length is told in is the first of which there are so many. Days and weeks are told finer where it matters
("10 days" is not "a week"), but nobody reads "61 seconds" or "24 hours". portal.js has the same table."""
_SLIP = timedelta(seconds=5)
"""Clocks of two machines differ by so much, and what happened is not yet to come."""


def install(environment: Environment, folder: str) -> None:
    """Give templates our filters. `folder` is where the site lives on its host, as `SiteConfig.folder` says."""
    environment.filters.update(
        date=day,
        moment=moment,
        exact=exact,
        age=age,
        listed=listed,
        number=number,
        percent=percent,
        markdown=lambda text: content(render_markdown(text), folder),
        quoted=quoted,
        zone_name=zone_name,
        initials=lambda name: initials(str(name)),
        content=lambda html: content(html, folder),
    )
    environment.globals["in_language"] = in_language


def content(html: Markup, folder: str) -> Markup:
    """What a content file says, as it stands on a page: links lead into the folder of the site, tables have frames.

    A wide table scrolls in its frame, which can be reached by Tab and has a name.
    """
    frame = Markup('<div class="table-frame" role="group" tabindex="0" aria-label="{}"><table>').format(_("Table"))
    framed = str(site_links(html, folder)).replace("<table>", frame).replace("</table>", "</table></div>")
    return Markup(framed)  # noqa: S704  # sanitised, with a frame of ours around each table


def day(value: date | datetime | str) -> str:
    """A calendar day, such as 23 November 2026. Text is an ISO date or moment, for so letters and events keep it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    local = value.astimezone(current_zone()) if isinstance(value, datetime) else value
    return dates.format_date(local, "long", locale=current_locale())


def exact(value: datetime | str) -> str:
    """The exact time with its zone, for titles and letters. Text is an ISO moment, for so letters keep it."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return _exact(value, current_zone(), str(current_locale()), _(", "))


@lru_cache(maxsize=4096)
def _exact(value: datetime, zone: ZoneInfo, locale: str, comma: str) -> str:
    # The same moments are shown again and again, and a zone's name takes long to find.
    return dates.format_datetime(value, f"d MMMM y{comma}HH:mm z", tzinfo=zone, locale=locale)


def moment(value: datetime) -> Markup:
    """When something happened or will, seen from now ("9 days ago"), with the exact time in the title."""
    passed = clock.now() - value
    if -_SLIP < passed < _MINUTE:
        return _time(value, _("just now"), "ago")
    return _time(value, _rounded(-passed, str(current_locale()), add_direction=True), "ago")


def age(value: datetime) -> Markup:
    """How long something has lasted ("9 days"), with the exact start in the title."""
    return _time(value, duration(clock.now() - value), "length")


def duration(length: timedelta) -> str:
    """A length of time in words, such as "9 days"; below a minute, and where it would be negative, it says so."""
    return _("less than a minute") if length < _MINUTE else _duration(_coarse(length), str(current_locale()))


def _coarse(length: timedelta) -> timedelta:
    # Where hours are told, and more than hours, every boundary between two lies on a whole minute: none within one.
    return length if length < 2 * _HOUR else length // _MINUTE * _MINUTE + _MINUTE / 2


@lru_cache(maxsize=4096)
def _duration(length: timedelta, locale: str) -> str:
    # A list shows the same few lengths again and again, and Babel looks its patterns up anew for each.
    return _rounded(length, locale)


def _rounded(length: timedelta, locale: str, *, add_direction: bool = False) -> str:
    # Babel knows one threshold for all units; so the unit is chosen here, and a whole number of it is told.
    unit, size, _least = next(one for one in _UNITS if abs(length) / one[1] >= one[2])
    whole = math.floor(abs(length) / size + 0.5) * size * (-1 if length < timedelta() else 1)
    return dates.format_timedelta(whole, unit, threshold=math.inf, add_direction=add_direction, locale=locale)


def number(value: float) -> str:
    """A number as the reader writes it."""
    return numbers.format_decimal(value, locale=current_locale())


def percent(value: float) -> str:
    """A share between 0 and 1 in percent."""
    return numbers.format_percent(value, locale=current_locale())


def zone_name(zone: str) -> str:
    """A time zone as people read it, by its present name."""
    return present_name(zone).replace("_", " ")


def listed(texts: Iterable[str]) -> Markup:
    """Texts in a row, such as "C++, Git", with the comma of the reader's language.

    On a page from right to left each keeps its own direction: else the signs of C++ would come before its letter.
    """
    mirrored = current_language().direction == "rtl"
    return escape(_(", ")).join(Markup("<bdi>{}</bdi>").format(text) if mirrored else text for text in texts)


def in_language(code: str) -> Markup:
    """The attributes of an element whose text is in this language; none when the page speaks it."""
    page, spoken = current_language(), known_languages()[code]
    if (page.tag, page.direction) == (spoken.tag, spoken.direction):
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(spoken.tag, spoken.direction)


def _time(value: datetime, text: Any, seen: str) -> Markup:
    # data-seen tells portal.js how to say it again a minute later.
    machine, title = value.isoformat(timespec="seconds"), escape(exact(value))
    return Markup(f'<time datetime="{machine}" title="{title}" data-seen="{seen}">{escape(text)}</time>')  # noqa: S704
