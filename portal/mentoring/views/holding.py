"""The requests of newcomers as mentors see them: the list, a closer look, the claim."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from portal.core import clock
from portal.core.access import guard, may, permitted
from portal.core.errors import raise_if
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.web import db, flash_done, list_url
from portal.mentoring import rules
from portal.mentoring.access import BE_MENTOR, COORDINATE, no_such_request
from portal.mentoring.actions import requests as actions
from portal.mentoring.forms import RequestsForm, SkipForm, chosen_skill
from portal.mentoring.models import Request
from portal.mentoring.queries import matching, mentors, proposals, requests
from portal.mentoring.views.base import blueprint, go, limits, page, skills
from portal.mentoring.views.caring import chances, for_coordinator
from portal.people.session import me

LIST_PAGE = 20
GOAL_SHOWN = 220
"""How many characters of a goal the list shows; the rest is read by who looks closer."""


@blueprint.get("/requests", endpoint="requests")
@guard(may(BE_MENTOR))
def list_requests() -> Any:
    """The open requests this mentor could take, best fit first."""
    now = clock.now()
    mentor = mentors.mentor_of(db(), me().id)
    is_away = mentor is not None and rules.is_away(mentor.away_until, now)
    cursor = request.args.get("cursor", "")
    skill = chosen_skill(skills(), request.args)
    listing = None if is_away else matching.requests_for(db(), me(), now, LIST_PAGE, cursor, skill=skill)
    more = listing.page.next_cursor if listing else None
    form = RequestsForm(skills(), listing.by_skill if listing else {}, request.args)
    return render_template(
        "mentoring/requests.html",
        listing=listing,
        form=form,
        in_use=[(label, list_url("mentoring.requests", **{key: None})) for key, label in form.in_use],
        goal_shown=GOAL_SHOWN,
        next_url=list_url("mentoring.requests", cursor=more) if more else None,
        first_url=list_url("mentoring.requests") if cursor else None,
        mentor=mentor,
        is_away=is_away,
        holder=lambda row: rules.holder(row, now),
        free_seats=rules.free_seats(mentor) if mentor else 0,
    )


@blueprint.post("/requests/<int:request_id>/look")
@guard(may(BE_MENTOR))
def look(request_id: int) -> Any:
    """Hold a request for some minutes, to read it in peace."""
    actions.hold(db(), request_id, me().id, limits(), clock.now())
    return go("mentoring.request", request_id=request_id)


@blueprint.post("/requests/<int:request_id>/extend")
@guard(may(BE_MENTOR))
def extend(request_id: int) -> Any:
    """Hold on for as long again, once."""
    actions.extend_hold(db(), request_id, me().id, limits(), clock.now())
    return go("mentoring.request", request_id=request_id)


@blueprint.post("/requests/<int:request_id>/let-go")
@guard(may(BE_MENTOR))
def let_go(request_id: int) -> Any:
    """End a hold, so that others can claim the request."""
    actions.release_hold(db(), request_id, me().id)
    flash_done(_("You have released it. It is open to others again."))
    return go("mentoring.requests")


@blueprint.post("/requests/<int:request_id>/skip")
@guard(may(BE_MENTOR))
def skip(request_id: int) -> Any:
    """Not for me: it leaves this mentor's list."""
    form = SkipForm()
    if not form.validate_on_submit():
        return for_others(requests.request_by_id(db(), request_id), form)
    actions.skip(db(), request_id, me().id, text_of(form.reason), clock.now())
    flash_done(_("You do not see this request again. It stays open for others."))
    return go("mentoring.requests")


@blueprint.post("/requests/<int:request_id>/claim")
@guard(may(BE_MENTOR))
def claim(request_id: int) -> Any:
    """Take a request: the two are a pairing from now on."""
    pairing = actions.claim(db(), request_id, me(), clock.now())
    flash_done(_("You two are a pairing now. Write the first word: say hello, and propose a first small step."))
    return go("mentoring.pairing", pairing_id=pairing.id)


def for_others(shown_request: Request, form: SkipForm | None = None) -> Any:
    """A request as mentors see it; coordinators see more. Raises NotFound for all others, Conflict for what is gone."""
    if permitted(COORDINATE):
        return for_coordinator(shown_request, skip=form)
    if not permitted(BE_MENTOR):
        raise no_such_request()
    pairing = requests.pairing_of(db(), shown_request.id)
    if pairing and pairing.mentor_id == me().id:
        return go("mentoring.pairing", pairing_id=pairing.id)
    raise_if(rules.refuse_hold(shown_request, me().id, clock.now()))
    shown = form or SkipForm(formdata=None)
    efforts = proposals.efforts_for(db(), shown_request.id)
    return page(
        "mentoring/look.html", shown, asked=shown_request, skip=shown, efforts=efforts, **chances(shown_request)
    )
