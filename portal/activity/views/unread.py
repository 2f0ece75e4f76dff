"""The count of unread notices in the head of every page; and that whoever reads a page has read the notices of it."""

from __future__ import annotations

from typing import Any

import structlog
from flask import g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from portal.activity import queries
from portal.activity.reading import read_page
from portal.activity.rules import page_of
from portal.activity.views.base import blueprint
from portal.core import clock
from portal.core.web import db, is_looked_at, portal
from portal.people.session import me

log = structlog.get_logger()


@blueprint.app_context_processor
def _count() -> dict[str, Any]:
    return {"unread_notices": LocalProxy(_unread)}


@blueprint.after_app_request
def _mark_page(response: Response) -> Response:
    """What the page shows that leaves now is read. A unit of work of its own: the page itself only reads."""
    read = g.pop("page_read", None)
    if read is None or response.status_code != 200:
        return response
    try:
        with portal().unit_of_work() as work:
            person_id, page, newest = read
            read_page(work, person_id, page, newest, clock.now())
    except SQLAlchemyError:  # The page stands all the same; they are read the next time.
        log.warning("notices not marked as read", exc_info=True)
    return response


def _unread() -> int:
    # Asked only by pages that show it, once a page. The head of an error page must stand without a database.
    if "unread_notices" not in g:
        try:
            g.unread_notices = _left_unread() if current_user.is_authenticated else 0
        except SQLAlchemyError:
            return 0
    count: int = g.unread_notices
    return count


def _left_unread() -> int:
    """How many stay unread when this page has been read; it is noted that it is."""
    person_id, page = me().id, page_of(request.endpoint or "", request.view_args or {})
    unread = queries.unread(db(), person_id, page)
    if unread.newest_of_page is None or not _is_read():
        return unread.count
    g.page_read = (person_id, page, unread.newest_of_page)
    return unread.count - unread.of_page


def _is_read() -> bool:
    """Whether somebody reads this page now, and not a refusal or a form that came back."""
    return is_looked_at() and not g.get("is_refusal") and not g.get("returned_form")
