"""Where one is signed in: each session can be ended, or all others at once."""

from __future__ import annotations

from typing import Any

from flask import render_template
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import guard, proved_recently, signed_in
from portal.core.errors import NotFound
from portal.core.forms import Form
from portal.core.i18n import _, lazy, ngettext
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, settings
from portal.people import actions, queries, rules, session, session_rows
from portal.people.models import UserSession
from portal.people.session import me
from portal.people.views.base import blueprint, go, page


@blueprint.get("/me/sessions")
@guard(signed_in)
def sessions() -> str:
    """The browsers in which one is signed in: which, since when, from where."""
    here = session.current_mark()
    living = sorted(_living(), key=lambda one: one.mark != here)
    return render_template("people/sessions.html", sessions=living, here=here, limits=settings().sessions)


@blueprint.post("/me/sessions/<int:session_id>/end")
@guard(signed_in)
def end_session(session_id: int) -> Response:
    """Sign out there. Elsewhere than here only who has just shown that it is them."""
    ended = next((one for one in queries.sessions_of(db(), me().id) if one.id == session_id), None)
    if ended is None:
        raise NotFound(lazy("You are not signed in there."))
    if ended.mark == session.current_mark():
        session.sign_out()
        return go("people.sign_in")
    proved_recently()
    security_event(SecurityEvent.SESSION_ENDED, Outcome.DONE, who=me().id)
    session_rows.end_session(db(), ended.mark, clock.now())
    flash_done(_("You are signed out there."))
    return go("people.sessions")


@blueprint.route("/me/sessions/end", methods=["GET", "POST"])
@guard(proved_recently)
def end_other_sessions() -> Any:
    """Sign out everywhere else, after saying what that means."""
    form = Form()
    return form.carry_out(_end_others) or page("people/end_sessions.html", form)


def _end_others() -> Response:
    number = actions.end_sessions(db(), me(), clock.now(), but=session.current_mark())
    security_event(SecurityEvent.SESSIONS_ENDED, Outcome.DONE, who=me().id, sessions=number)
    flash_done(
        ngettext(
            "You are signed out in %(num)s other browser.", "You are signed out in %(num)s other browsers.", number
        )
        if number
        else _("You were signed in nowhere else.")
    )
    return go("people.sessions")


def _living() -> list[UserSession]:
    now, limits = clock.now(), settings().sessions
    return [
        one
        for one in queries.sessions_of(db(), me().id)
        if one.ended_at is None
        and one.epoch == me().session_epoch
        and not rules.is_over(one.created_at, one.last_seen_at, limits, now)
    ]
