"""The tables of one's own dashboard for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response

from portal.contributions import labels
from portal.contributions.dashboard import own_changes
from portal.core import clock
from portal.core.access import guard, signed_in
from portal.core.dashboard import DashboardRequest
from portal.core.i18n import _, current_language
from portal.core.tables import download
from portal.core.web import at_most, db, portal
from portal.home import dashboard
from portal.mentoring import dashboard as mentoring
from portal.people.session import me
from portal.tracks.models import EnrolmentState
from portal.tracks.queries import MyTrack

blueprint = Blueprint("home_downloads", __name__, url_prefix="/dashboard")


@blueprint.get("/changes.csv")
@guard(signed_in)
@at_most("csv_per_minute")
def changes() -> Response:
    """One's own open changes; those that wait longest first."""
    return download("my-changes", _heads(), (_change(change) for change in own_changes(_dashboard_request())))


@blueprint.get("/mentees-changes.csv")
@guard(signed_in)
@at_most("csv_per_minute")
def mentees_changes() -> Response:
    """The open changes of those whom one mentors; those that wait longest first."""
    mentees_and_changes = mentoring.mentees_changes(_dashboard_request()) or ()
    rows = ((name, *_change(change)) for name, change in mentees_and_changes)
    return download("mentees-changes", [_("Mentee"), *_heads()], rows)


@blueprint.get("/mentees-tracks.csv")
@guard(signed_in)
@at_most("csv_per_minute")
def mentees_tracks() -> Response:
    """How far those whom one mentors are in their tracks."""
    heads = [_("Mentee"), _("Track"), _("Steps done"), _("Steps"), _("Standing"), _("Next step")]
    rows = (
        _table_row(mentee, mine)
        for _id, mentee, my_tracks in dashboard.mentees_tracks(_dashboard_request()) or ()
        for mine in my_tracks
    )
    return download("mentees-tracks", heads, rows)


def _dashboard_request() -> DashboardRequest:
    return DashboardRequest(portal(), db(), me(), clock.now())


def _heads() -> list[str]:
    return [_("Waits for"), _("Since"), _("Why"), _("Change"), _("Address"), _("Project"), _("Number")]


def _change(change: Any) -> Sequence[Any]:
    whose = _("Reviewer") if change.waiting_on == "reviewer" else _("Author")
    why = labels.REASONS.get(change.waiting_reason, "")
    title = change.title or _("(no title)")
    return (whose, change.waiting_since, why, title, change.url, change.project, change.number)


def _table_row(mentee: str, mine: MyTrack) -> Sequence[Any]:
    language, is_over = current_language().code, mine.state == EnrolmentState.FINISHED
    standing = _("finished") if is_over else _("under way") if mine.is_under_way else _("paused")
    following = mine.next_step.text_in(language).title if mine.is_under_way and mine.next_step else ""
    return (mentee, mine.track.text_in(language).title, mine.done, mine.total, standing, following)
