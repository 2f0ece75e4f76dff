"""The page of notices, and the count of unread ones in the head of every page."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy
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
from portal.core.web import db, flash_done, portal
from portal.people.session import me


@blueprint.get("/notices")
@guard(signed_in)
def notices() -> str:
    """What this person was told, unread first."""
    cursor = request.args.get("cursor", "")
    shown, following = queries.notices_of(db(), me().id, cursor)
    return render_template(
        "activity/notices.html",
        sections=_sections(shown),
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
    return redirect(target, 303)


@blueprint.post("/notices/read")
@guard(signed_in)
def read_all() -> Response:
    """Mark everything as read."""
    actions.read_all_notices(db(), me().id, clock.now())
    flash_done(_("All your notices are marked as read."))
    return redirect(url_for("activity.notices"), 303)


@blueprint.app_context_processor
def _count() -> dict[str, Any]:
    return {"unread_notices": LocalProxy(_unread)}


def _unread() -> int:
    # Asked only by pages that show it, once a page. The head of an error page must stand without a database.
    if "unread_notices" not in g:
        try:
            g.unread_notices = queries.unread_count(db(), me().id) if current_user.is_authenticated else 0
        except SQLAlchemyError:
            return 0
    count: int = g.unread_notices
    return count


def _sections(shown: list[ShownNotice]) -> list[tuple[bool, list[tuple[date, list[tuple[ShownNotice, str]]]]]]:
    """Unread and read notices, each by day, the newest first, each with its sentence."""
    shown = sorted(shown, key=lambda notice: (notice.is_read, -notice.at.timestamp()))
    return [
        (is_read, [(day, [(notice, own_sentence(notice)) for notice in of_day]) for day, of_day in groupby(same, _day)])
        for is_read, same in groupby(shown, lambda notice: notice.is_read)
    ]


def _day(notice: ShownNotice) -> date:
    return notice.at.astimezone(current_zone()).date()


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
