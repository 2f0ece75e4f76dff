"""One's own notices for spreadsheets: what their page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response

from portal.activity import queries
from portal.activity.views.notices import own_sentence
from portal.core.access import guard, signed_in
from portal.core.i18n import _
from portal.core.paging import walk
from portal.core.tables import BATCH, download
from portal.core.web import address, at_most, db
from portal.people.session import me

blueprint = Blueprint("activity_downloads", __name__)


@blueprint.get("/notices.csv")
@guard(signed_in)
@at_most("csv_per_minute")
def notices() -> Response:
    """What this person was told, unread first."""

    def page(cursor: str) -> tuple[list[Sequence[Any]], str | None]:
        shown, following = queries.notices_of(db(), me().id, cursor, BATCH)
        return [
            (notice.at, notice.is_read, own_sentence(notice), address("activity.open_notice", notice_id=notice.id))
            for notice in shown
        ], following

    return download("notices", [_("When"), _("Read"), _("What happened"), _("Address")], walk(page))
