"""The pairing: who walks with whom, the thread, and its end."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.core import clock
from portal.core.access import guard, signed_in
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.web import db, flash_done, is_looked_at, portal
from portal.mentoring import rules
from portal.mentoring.actions import pairings as actions
from portal.mentoring.forms import CompleteForm, EndForm, MessageForm
from portal.mentoring.models import Side
from portal.mentoring.queries import mentors, pairings
from portal.mentoring.queries.pairings import MyPairing
from portal.mentoring.views.base import blueprint, go, limits, page
from portal.people.session import me


@blueprint.get("/pairings/<int:pairing_id>", endpoint="pairing")
@guard(signed_in)
def show_pairing(pairing_id: int) -> Any:
    """The thread with the other, and where things stand."""
    mine = pairings.pairing_for(db(), pairing_id, me().id)
    return _page(mine, MessageForm(formdata=None))


@blueprint.post("/pairings/<int:pairing_id>/messages")
@guard(signed_in)
def write(pairing_id: int) -> Any:
    """Say something; the turn passes to the other."""
    form = MessageForm()
    if not form.validate_on_submit():
        return _page(pairings.pairing_for(db(), pairing_id, me().id), form)
    message = actions.write(db(), pairing_id, me(), text_of(form.text), clock.now())
    return go("mentoring.pairing", pairing_id=pairing_id, _anchor=f"message-{message.id}")


@blueprint.route("/pairings/<int:pairing_id>/complete", methods=["GET", "POST"])
@guard(signed_in)
def complete(pairing_id: int) -> Any:
    """The goal is reached."""
    form = CompleteForm()
    if not form.validate_on_submit():
        return page("mentoring/complete.html", form, mine=pairings.pairing_for(db(), pairing_id, me().id))
    actions.complete(db(), pairing_id, me(), text_of(form.thanks), clock.now())
    flash_done(_("Completed. Thank you both."))
    return go("mentoring.pairing", pairing_id=pairing_id)


@blueprint.route("/pairings/<int:pairing_id>/end", methods=["GET", "POST"])
@guard(signed_in)
def end(pairing_id: int) -> Any:
    """End it before the goal, with a reason."""
    form = EndForm()
    if not form.validate_on_submit():
        return page("mentoring/end.html", form, mine=pairings.pairing_for(db(), pairing_id, me().id))
    note, again = text_of(form.note), bool(form.ask_again.data)
    actions.end_early(db(), pairing_id, me(), form.chosen, note, limits(), clock.now(), ask_again=again)
    flash_done(_("The pairing has ended, and the other person has been notified."))
    return go("mentoring.pairing", pairing_id=pairing_id)


def _page(mine: MyPairing, form: MessageForm) -> tuple[str, int]:
    messages, before = pairings.thread(db(), mine.pairing.id, request.args.get("before", ""))
    # Not when a message comes back with an error: that request holds the right to write itself.
    if mine.unread and messages and is_looked_at():
        _mark_read(mine, messages[-1].id)
    mentor = mentors.mentor_of(db(), mine.pairing.mentor_id)
    now = clock.now()
    return page(
        "mentoring/pairing.html",
        form,
        mine=mine,
        messages=messages,
        before=before,
        away_until=mentor.away_until if mentor and rules.is_away(mentor.away_until, now) else None,
        is_mentor=mine.side is Side.MENTOR,
        is_open_again=rules.is_open_again(mine.pairing, mine.side),
        time_out_days=rules.TIME_OUT_DAYS,
    )


def _mark_read(mine: MyPairing, message_id: int) -> None:
    # A unit of work of its own: the page itself only reads, and must not wait for those who write.
    with portal().unit_of_work() as session:
        actions.mark_read(session, mine.pairing.id, me(), message_id)
