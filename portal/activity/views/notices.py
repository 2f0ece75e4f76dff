"""The page of notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from portal.activity import actions, queries
from portal.activity.models import Event
from portal.activity.queries import ShownNotice
from portal.activity.sentences import sentence
from portal.activity.views.base import blueprint
from portal.core import clock
from portal.core.access import guard, signed_in
from portal.core.i18n import _, current_zone
from portal.core.web import db, flash_done, is_looked_at, portal
from portal.people.session import me

Group = list[tuple[ShownNotice, str]]
"""Notices of one thing, the newest first, each with its sentence."""


@blueprint.get("/notices")
@guard(signed_in)
def notices() -> str:
    """What this person was told, unread first."""
    cursor = request.args.get("cursor", "")
    page = queries.notices_of(db(), me().id, cursor)
    following = page.next_cursor
    return render_template(
        "activity/notices.html",
        sections=_sections(page.rows),
        count=queries.count_notices(db(), me().id, page, cursor),
        next_url=url_for("activity.notices", cursor=following) if following else None,
        first_url=url_for("activity.notices") if cursor else None,
    )


@blueprint.get("/notices/<int:notice_id>")
@guard(signed_in)
def open_notice(notice_id: int) -> Response:
    """Mark a notice as read and go to what it speaks of."""
    # A unit of work of its own: on SQLite a request that begins by reading may not go on to write.
    with portal().unit_of_work() as work:
        notice = actions.read_notice(work, me().id, notice_id, clock.now())
        target = _target(notice.event)
        if not is_looked_at():
            work.rollback()
    return redirect(target, 303)


@blueprint.post("/notices/read")
@guard(signed_in)
def read_all() -> Response:
    """Mark everything as read."""
    actions.read_all_notices(db(), me().id, clock.now())
    flash_done(_("All your notices are marked as read."))
    return redirect(url_for("activity.notices"), 303)


def _sections(shown: list[ShownNotice]) -> list[tuple[bool, list[tuple[date, list[Group]]]]]:
    """Unread and read notices, what tells of the same thing together, by the day of its newest, the newest first."""
    shown = sorted(shown, key=lambda notice: (notice.is_read, -notice.at.timestamp()))
    return [
        (is_read, [(day, list(of_day)) for day, of_day in groupby(_groups(same), _day)])
        for is_read, same in groupby(shown, lambda notice: notice.is_read)
    ]


def _groups(shown: Iterable[ShownNotice]) -> list[Group]:
    by_thing: dict[tuple[str, int | str], Group] = {}
    for notice in shown:
        by_thing.setdefault(notice.thing, []).append((notice, own_sentence(notice)))
    return list(by_thing.values())


def _day(group: Group) -> date:
    (newest, _sentence), *_earlier = group
    return newest.at.astimezone(current_zone()).date()


def own_sentence(notice: ShownNotice) -> str:
    """What a notice says to the person who is signed in."""
    return sentence(portal(), notice, me(), _url(notice.values.get("link")))


def _target(event: Event) -> str:
    return _url(event.values.get("link")) or url_for("activity.notices")


def _url(link: Any) -> str:
    try:
        return url_for(link["endpoint"], **link["args"]) if link else ""
    except BuildError:
        return ""  # The page it led to is gone in this version of the portal.
