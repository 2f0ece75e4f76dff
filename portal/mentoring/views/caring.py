"""One request as a coordinator sees it: who could help, who was asked, and what to do about it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import guard, may, permitted
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.web import db, flash_done
from portal.mentoring import rules
from portal.mentoring.access import BE_MENTOR, COORDINATE
from portal.mentoring.actions import coordination as actions
from portal.mentoring.forms import AdviceForm, ProposeForm, SkipForm
from portal.mentoring.models import Request
from portal.mentoring.queries import matching, mentors, pairings, proposals, requests
from portal.mentoring.queries.matching import FittingMentor
from portal.mentoring.views.base import blueprint, go, limits, page
from portal.people.session import me

MENTORS_SHOWN = 5
"""So many of the mentors who fit are shown with their reasons; the form offers all."""


@blueprint.post("/coordinate/requests/<int:request_id>/propose")
@guard(may(COORDINATE))
def propose(request_id: int) -> Any:
    """Ask a mentor to take this request."""
    asked = requests.request_by_id(db(), request_id)
    fitting = matching.mentors_for(db(), asked, clock.now())
    form = ProposeForm(_choices(fitting))
    return form.carry_out(lambda: _propose(asked, fitting, form)) or for_coordinator(asked, propose=form)


@blueprint.post("/coordinate/requests/<int:request_id>/advise")
@guard(may(COORDINATE))
def advise(request_id: int) -> Any:
    """Write to the one who waits."""
    asked = requests.request_by_id(db(), request_id)
    form = AdviceForm()
    return form.carry_out(lambda: _advise(asked, form)) or for_coordinator(asked, advice=form)


def for_coordinator(
    asked: Request,
    *,
    skip: SkipForm | None = None,
    propose: ProposeForm | None = None,
    advice: AdviceForm | None = None,
) -> Any:
    """The page, with what came back of one of its forms."""
    now = clock.now()
    is_open = rules.is_open(asked, now)
    fitting = matching.mentors_for(db(), asked, now) if is_open else []
    efforts = proposals.efforts_for(db(), asked.id)
    all_pairings = pairings.pairings_of_request(db(), asked.id)
    # Whoever left the pairing is not shown the request again, and has said no to nothing.
    left = {pairing.mentor_id for pairing in all_pairings}
    unasked = [candidate for candidate in fitting if not efforts.to(candidate.person.id)]
    return page(
        "mentoring/look.html",
        next((form for form in (skip, propose, advice) if form), SkipForm(formdata=None)),
        asked=asked,
        is_open=is_open,
        has_expired=rules.has_expired(asked, now),
        coordinates=True,
        fitting=fitting[:MENTORS_SHOWN],
        more_fitting=max(0, len(fitting) - MENTORS_SHOWN),
        propose=propose or (ProposeForm(_choices(unasked), formdata=None) if unasked else None),
        advice=advice or AdviceForm(formdata=None),
        skip=skip or SkipForm(formdata=None),
        efforts=efforts,
        skips=[one for one in requests.skips_of(db(), asked.id) if one.reason or one.mentor_id not in left],
        holder=requests.person_by_id(db(), rules.holder(asked, now)),
        pairings=all_pairings,
        offered=mentors.skill_supply(db(), now),
        free_seats=rules.free_seats,
        **chances(asked),
    )


def chances(shown_request: Request) -> dict[str, Any]:
    """What the reader, where they are a mentor, can do about a request themselves."""
    now = clock.now()
    mentor = mentors.mentor_of(db(), me().id)
    refusal = rules.refuse_hold(shown_request, me().id, now) or (rules.refuse_seat(mentor) if mentor else None)
    return {
        "fit": matching.fit_for(db(), shown_request, me(), now),
        "refusal": refusal.message if refusal else None,
        "is_mine": rules.holder(shown_request, now) == me().id,
        "mentor": mentor if permitted(BE_MENTOR) else None,
        "has_passed": matching.has_passed(db(), shown_request.id, me().id),
        "hold_minutes": limits().hold_minutes,
    }


def _propose(asked: Request, fitting: list[FittingMentor], form: ProposeForm) -> Response:
    chosen = next(candidate.person for candidate in fitting if str(candidate.person.id) == form.mentor.data)
    actions.propose(db(), asked.id, me(), chosen, text_of(form.note), clock.now())
    flash_done(_("%(name)s has been asked, and can claim it or say no.", name=chosen.display_name))
    return go("mentoring.request", request_id=asked.id)


def _advise(asked: Request, form: AdviceForm) -> Response:
    actions.advise(db(), asked.id, me(), text_of(form.text), clock.now())
    flash_done(_("%(name)s has been told, and reads it beside the request.", name=asked.person.display_name))
    return go("mentoring.request", request_id=asked.id)


def _choices(fitting: list[FittingMentor]) -> list[tuple[str, str]]:
    return [(str(candidate.person.id), candidate.person.display_name) for candidate in fitting]
