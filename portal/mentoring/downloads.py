"""Mentoring for spreadsheets and feed readers: to each what their own pages show, and not a word more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.core import clock
from portal.core.access import anyone, guard, may
from portal.core.feeds import LENGTH, FeedEntry, feed, speak_for_feed
from portal.core.i18n import _
from portal.core.paging import walk
from portal.core.tables import BATCH, download
from portal.core.web import address, at_most, db, settings
from portal.mentoring import labels, rules
from portal.mentoring.access import APPROVE_MENTORS, BE_MENTOR, COORDINATE
from portal.mentoring.forms import AllRequestsForm, DirectoryForm, chosen_skill
from portal.mentoring.models import Mentor, Pairing, Request
from portal.mentoring.queries import matching, mentors, pairings, proposals, requests
from portal.mentoring.queries.matching import FittingRequest
from portal.mentoring.queries.requests import RequestDemand
from portal.mentoring.views.base import language_name, skill_name, skills
from portal.mentoring.views.holding import GOAL_SHOWN
from portal.people.models import Person
from portal.people.rules import LEVELS
from portal.people.session import me

blueprint = Blueprint("mentoring_downloads", __name__, url_prefix="/mentoring")


@blueprint.get("/mentors.csv")
@guard(anyone)
@at_most("csv_per_minute")
def directory() -> Response:
    """Who can help with what, with the filters of the directory."""
    now = clock.now()
    filters = DirectoryForm(skills(), mentors.directory_supply(db(), now), request.args).filters

    def page(cursor: str) -> tuple[list[Sequence[Any]], str | None]:
        rows, following = mentors.directory(db(), filters, now, cursor, BATCH)
        return [_mentor(mentor, now) for mentor in rows], following

    heads = [
        *(_("Mentor"), _("What they offer"), _("Skills"), _("Languages")),
        *(_("Standing"), _("Free seats"), _("Away until"), _("Address")),
    ]
    return download("mentors", heads, walk(page))


@blueprint.get("/mentors.atom")
@guard(anyone)
@at_most("feeds_per_minute")
def newest() -> Response:
    """Who became a mentor, the latest first."""
    speak_for_feed()
    entries = [_entry(mentor, since) for mentor, since in mentors.newest(db(), clock.now(), LENGTH)]
    return feed(_("New mentors"), url_for("mentoring.mentors"), entries)


@blueprint.get("/requests.csv")
@guard(may(BE_MENTOR))
@at_most("csv_per_minute")
def fitting() -> Response:
    """The open requests this mentor could take, best fit first, with the filter of the page; none while away."""
    now = clock.now()
    mentor = mentors.mentor_of(db(), me().id)
    is_away = mentor is not None and rules.is_away(mentor.away_until, now)
    most, skill = settings().limits.csv_rows + 1, chosen_skill(skills(), request.args)
    rows = [] if is_away else matching.requests_for(db(), me(), now, most, skill=skill).page.rows
    heads = [_("Waiting since"), _("Who"), _("Goal"), _("Skills you have"), _("Skills asked for"), _("Address")]
    return download("requests", heads, (_request_for_mentor(row) for row in rows))


@blueprint.get("/applications.csv")
@guard(may(APPROVE_MENTORS))
@at_most("csv_per_minute")
def applications() -> Response:
    """Who wants to be a mentor, longest wait first."""
    heads = [_("Applied"), _("Who"), _("What they offer"), _("Skills"), _("Languages"), _("Seats")]
    return download("applications", heads, (_application(mentor) for mentor in mentors.applications(db())))


@blueprint.get("/coordinate/requests.csv")
@guard(may(COORDINATE))
@at_most("csv_per_minute")
def open_requests() -> Response:
    """All open requests, longest wait first, with the filters of the page."""
    now = clock.now()
    patience = timedelta(days=settings().limits.patience_days)
    filters = AllRequestsForm(skills(), RequestDemand({}, {}, 0, 0), patience, now, request.args).filters

    def page(cursor: str) -> tuple[list[Sequence[Any]], str | None]:
        rows, following = requests.open_requests(db(), now, cursor, BATCH, filters)
        ids = [row.id for row in rows]
        asked, passed = proposals.count_unanswered(db(), ids), proposals.count_skips(db(), ids)
        return [(*_request(row), asked[row.id], passed[row.id]) for row in rows], following

    heads = [
        *(_("Waiting since"), _("Who"), _("Skills"), _("Languages"), _("Expires"), _("Address")),
        *(_("Mentors asked, without an answer"), _("Mentors who said no")),
    ]
    return download("open-requests", heads, walk(page))


@blueprint.get("/coordinate/pairings.csv")
@guard(may(COORDINATE))
@at_most("csv_per_minute")
def active_pairings() -> Response:
    """All active pairings, the longest silence first."""
    heads = [_("No message since"), _("Turn"), _("Mentee"), _("Mentor"), _("Paired"), _("Address")]
    rows = walk(lambda cursor: pairings.active_pairings(db(), cursor, BATCH))
    return download("pairings", heads, (_pairing(pairing) for pairing in rows))


def _mentor(mentor: Mentor, now: datetime) -> Sequence[Any]:
    person, is_away = mentor.person, rules.is_away(mentor.away_until, now)
    return (
        person.display_name,
        mentor.pitch,
        _skills_of(person),
        _languages(person.languages),
        labels.STANDINGS[rules.standing(mentor, now).value],
        rules.free_seats(mentor),
        mentor.away_until if is_away else None,
        address("people.show", username=person.username),
    )


def _entry(mentor: Mentor, since: datetime) -> FeedEntry:
    person = mentor.person
    return FeedEntry(
        path=f"mentors/{person.id}/{since:%Y%m%dT%H%M%S}",
        title=_("%(name)s is a mentor now", name=person.display_name),
        link=address("people.show", username=person.username),
        updated=since,
        author=person.display_name,
        summary="\n\n".join(part for part in (mentor.pitch, _skills_of(person), _languages(person.languages)) if part),
    )


def _request_for_mentor(fitting: FittingRequest) -> Sequence[Any]:
    request = fitting.request
    goal = request.goal if len(request.goal) <= GOAL_SHOWN else request.goal[: GOAL_SHOWN - 1] + "…"
    link = address("mentoring.request", request_id=request.id)
    return (request.asked_at, request.person.display_name, goal, fitting.fit.covered, fitting.fit.asked_for, link)


def _application(mentor: Mentor) -> Sequence[Any]:
    person = mentor.person
    spoken = _languages(person.languages)
    return (mentor.applied_at, person.display_name, mentor.pitch, _skills_of(person), spoken, mentor.capacity)


def _request(request: Request) -> Sequence[Any]:
    needs = ", ".join(skill_name(need.skill) for need in request.needs)
    link = address("mentoring.request", request_id=request.id)
    return (
        request.asked_at,
        request.person.display_name,
        needs,
        _languages(request.languages),
        request.expires_at,
        link,
    )


def _pairing(pairing: Pairing) -> Sequence[Any]:
    turn = _("Mentor") if pairing.turn == "mentor" else _("Mentee")
    people = (pairing.mentee.display_name, pairing.mentor.display_name)
    return (
        *(pairing.turn_since, turn, *people),
        *(pairing.started_at, address("mentoring.oversee", pairing_id=pairing.id)),
    )


def _skills_of(person: Person) -> str:
    return ", ".join(f"{skill_name(skill.skill)} ({LEVELS[skill.level]})" for skill in person.skills)


def _languages(spoken: Sequence[Any]) -> str:
    return ", ".join(language_name(language.code) for language in spoken)
