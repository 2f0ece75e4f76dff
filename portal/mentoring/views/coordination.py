"""What coordinators see and do: applications, who waits, who is silent, and where mentors are missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request

from portal.core import clock
from portal.core.access import guard, may
from portal.core.counting import whole
from portal.core.errors import NotFound
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.web import db, flash_done, list_url
from portal.mentoring import rules
from portal.mentoring.access import APPROVE_MENTORS, COORDINATE
from portal.mentoring.actions import mentors as mentor_actions
from portal.mentoring.actions import pairings as actions
from portal.mentoring.forms import AllRequestsForm, MentoringReasonForm, OverseeForm
from portal.mentoring.models import EndReason, MentorState, Request
from portal.mentoring.queries import matching, mentors, pairings, proposals, requests
from portal.mentoring.queries.matching import FittingMentor
from portal.mentoring.queries.mentors import SkillSupply
from portal.mentoring.views.base import blueprint, fitting_label, go, limits, page, skill_name, skills
from portal.people.session import me

MOST_BARS = 12


@blueprint.get("/applications", endpoint="applications")
@guard(may(APPROVE_MENTORS))
def list_applications() -> Any:
    """Who wants to be a mentor, longest wait first."""
    found = mentors.applications(db())
    asked = requests.asked_by_skill(db(), clock.now()) if found else {}
    return render_template("mentoring/applications.html", found=found, count=whole(found), asked=asked)


@blueprint.post("/applications/<int:person_id>/approve")
@guard(may(APPROVE_MENTORS))
def approve(person_id: int) -> Any:
    """Say yes: this appoints them to the role of mentor."""
    person = mentor_actions.approve(db(), person_id, me(), clock.now())
    flash_done(_("Approved: %(name)s holds the role of mentor now, and is told.", name=person.display_name))
    return go("mentoring.applications")


@blueprint.route("/applications/<int:person_id>/decline", methods=["GET", "POST"])
@guard(may(APPROVE_MENTORS))
def decline(person_id: int) -> Any:
    """Say no, with a reason that helps."""
    form = MentoringReasonForm()
    if not form.validate_on_submit():
        return page("mentoring/decline.html", form, mentor=_application(person_id))
    person = mentor_actions.decline(db(), person_id, me(), text_of(form.reason), clock.now())
    flash_done(_("Declined. %(name)s reads your reason, and can apply again.", name=person.display_name))
    return go("mentoring.applications")


@blueprint.get("/coordinate")
@guard(may(COORDINATE))
def coordinate() -> Any:
    """All open requests and pairings, the longest silence first, and coverage by skill."""
    now = clock.now()
    cursors = {name: request.args.get(name, "") for name in ("requests", "pairings")}
    patience = timedelta(days=limits().patience_days)
    offered, asked = mentors.skill_supply(db(), now), requests.demand(db(), now - patience, now)
    demanded, figures = asked.by_skill, requests.figures(db(), now)
    form = AllRequestsForm(skills(), asked, patience, now, request.args)
    waiting = requests.open_requests(db(), now, cursors["requests"], filters=form.filters)
    everything = asked.expired if form.filters.has_expired else figures.open_requests
    active = pairings.active_pairings(db(), cursors["pairings"])
    scarce = sorted(demanded, key=lambda skill: (offered.by_skill.get(skill, 0) - demanded[skill], skill))[:MOST_BARS]
    return render_template(
        "mentoring/coordinate.html",
        form=form,
        in_use=[(label, _here(requests=None, **{key: None})) for key, label in form.in_use],
        waiting=waiting.rows,
        **_standing(waiting.rows, offered, now),
        active=active.rows,
        request_count=requests.count_open_requests(db(), now, form.filters, waiting, cursors["requests"], everything),
        pairing_count=pairings.count_active(db(), active, cursors["pairings"]),
        now=now,
        patience_days=limits().patience_days,
        figures=figures,
        waits=requests.waits(db(), now),
        asked_bars=[(skill_name(skill), demanded[skill]) for skill in scarce],
        mentor_bars=[(skill_name(skill), offered.by_skill.get(skill, 0)) for skill in scarce],
        offered=offered,
        uncovered=sorted(skill for skill in demanded if not offered.by_skill.get(skill)),
        more_requests=_here(requests=waiting.next_cursor) if waiting.next_cursor else None,
        first_requests=_here(requests=None) if cursors["requests"] else None,
        more_pairings=_here(pairings=active.next_cursor) if active.next_cursor else None,
        first_pairings=_here(pairings=None) if cursors["pairings"] else None,
    )


def _standing(rows: list[Request], offered: SkillSupply, now: datetime) -> dict[str, Any]:
    """Where the requests of the list stand: who was asked, who said no, who looks, and what no mentor has."""
    ids = [row.id for row in rows]
    return {
        "unanswered": proposals.count_unanswered(db(), ids),
        "passed": proposals.count_skips(db(), ids),
        "is_held": lambda row: rules.holder(row, now) is not None,
        "has_expired": lambda row: rules.has_expired(row, now),
        "nobody_can": lambda row: requests.nobody_can_take(row, offered),
    }


def _here(**changed: str | None) -> str:
    """The address of this view of the page with something changed: its other list stays where it is."""
    return list_url("mentoring.coordinate", **changed)


@blueprint.route("/coordinate/pairings/<int:pairing_id>", methods=["GET", "POST"])
@guard(may(COORDINATE))
def oversee(pairing_id: int) -> Any:
    """End a pairing that cannot go on, or move the mentee to another mentor. The thread is not shown."""
    pairing = pairings.pairing_by_id(db(), pairing_id)
    fitting = matching.mentors_for(db(), pairing.request, clock.now())
    others = {str(candidate.person.id): candidate for candidate in fitting if candidate.person.id != pairing.mentor_id}
    form = OverseeForm({key: fitting_label(candidate) for key, candidate in others.items()})
    if not form.validate_on_submit():
        return page("mentoring/oversee.html", form, pairing=pairing)
    _settle(pairing_id, others.get(form.mentor.data), text_of(form.note))
    return go("mentoring.coordinate")


def _settle(pairing_id: int, chosen: FittingMentor | None, note: str) -> None:
    if chosen is None:
        actions.end_for_them(db(), pairing_id, me(), EndReason.OTHER, note, limits(), clock.now())
        flash_done(_("The pairing has ended. The request is in the mentors’ lists again; both are told."))
        return
    actions.reassign(db(), pairing_id, me(), chosen.person, note, clock.now())
    flash_done(_("%(name)s goes on as mentor. All three are told.", name=chosen.person.display_name))


def _application(person_id: int) -> Any:
    mentor = mentors.mentor_of(db(), person_id)
    if mentor is None or mentor.state != MentorState.APPLIED:
        raise NotFound(_("There is no such application."))
    return mentor
