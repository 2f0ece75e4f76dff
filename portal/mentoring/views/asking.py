"""Asking for a mentor: the start page, one's own request, and what it leads to."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.errors import raise_if
from portal.core.i18n import _, current_language, current_locale, menu_languages
from portal.core.web import db, flash_done, is_reading
from portal.mentoring import rules
from portal.mentoring.access import refuse_foreign_request
from portal.mentoring.actions import requests as actions
from portal.mentoring.forms import AskForm, mentors_count, values_of
from portal.mentoring.models import Need, Request, RequestState
from portal.mentoring.queries import mentors, pairings, proposals, requests
from portal.mentoring.queries.mentors import SkillSupply
from portal.mentoring.views.base import blueprint, go, limits, page, skills
from portal.mentoring.views.holding import for_others
from portal.people.rules import language_names
from portal.people.session import me


@blueprint.get("/")
@guard(anyone)
def home() -> Any:
    """What mentoring is here, in three steps, and what is mine in it."""
    now = clock.now()
    mine: dict[str, Any] = {}
    if current_user.is_authenticated:
        my_request = requests.my_request(db(), me().id)
        mine = {
            "request": my_request,
            "has_expired": my_request and rules.has_expired(my_request, now),
            "pairings": pairings.my_pairings(db(), me().id),
            "past": pairings.past_pairings(db(), me().id),
            "mentor": mentors.mentor_of(db(), me().id),
        }
    return render_template("mentoring/home.html", mine=mine, figures=requests.figures(db(), now))


@blueprint.route("/ask", methods=["GET", "POST"])
@guard(signed_in)
def ask() -> Any:
    """Ask for a mentor."""
    now = clock.now()
    mine = requests.my_request(db(), me().id)
    if mine and mine.live_key:
        return go("mentoring.request", request_id=mine.id)
    offered = mentors.skill_supply(db(), now)
    # Who has named no language yet reads this page in one of them.
    spoken = [language.code for language in me().languages] or [current_language().code]
    form = _form(offered, {"languages": spoken, **_prefilled()})
    if not form.validate_on_submit():
        return _ask_page(form, offered)
    opened = actions.ask_for_mentor(db(), me(), form.ask(), limits(), now)
    flash_done(_("Your request is in the mentors’ lists now. You are told as soon as somebody takes it."))
    return go("mentoring.request", request_id=opened.id)


@blueprint.route("/requests/<int:request_id>/edit", methods=["GET", "POST"])
@guard(signed_in)
def edit(request_id: int) -> Any:
    """Say better what one asks for, as long as the request is open."""
    my_request = _my_request(request_id)
    offered = mentors.skill_supply(db(), clock.now())
    form = _form(offered, values_of(my_request, skills()), {language.code for language in my_request.languages})
    if not form.validate_on_submit():
        return _ask_page(form, offered, my_request)
    actions.edit_request(db(), request_id, me(), form.ask())
    flash_done(_("Your request is changed."))
    return go("mentoring.request", request_id=request_id)


@blueprint.route("/requests/<int:request_id>/withdraw", methods=["GET", "POST"])
@guard(signed_in)
def withdraw(request_id: int) -> Any:
    """Take one's request back; asks first, for the age is lost."""
    my_request = _my_request(request_id)
    if is_reading():
        return render_template(
            "confirm.html",
            question=_("Withdraw your request?"),
            consequences=[
                _("Mentors no longer see it."),
                _("If you ask again later, you wait from that day on."),
            ],
            action=url_for("mentoring.withdraw", request_id=request_id),
            label=_("Withdraw my request"),
            back=url_for("mentoring.request", request_id=request_id),
        )
    actions.withdraw(db(), my_request.id, me(), clock.now())
    flash_done(_("Your request is withdrawn. You can ask again whenever you like."))
    return go("mentoring.home")


@blueprint.post("/requests/<int:request_id>/renew")
@guard(signed_in)
def renew(request_id: int) -> Any:
    """Keep one's request open for longer, or open it again."""
    actions.renew(db(), request_id, me(), limits(), clock.now())
    flash_done(_("Your request is open again. The time you have already waited still counts."))
    return go("mentoring.request", request_id=request_id)


@blueprint.get("/requests/<int:request_id>", endpoint="request")
@guard(signed_in)
def show_request(request_id: int) -> Any:
    """One request, as the one who asked, a mentor or a coordinator sees it."""
    shown_request = requests.request_by_id(db(), request_id)
    return _for_its_owner(shown_request) if shown_request.person_id == me().id else for_others(shown_request)


def _prefilled() -> dict[str, Any]:
    """What the page that leads here has said already, such as a step of a track: the reader sees it, and changes it."""
    goal = request.args.get("goal", "")[: rules.GOAL_LONGEST]
    slugs = (skills().find(word) for word in request.args.getlist("skill")[: rules.NEEDS_AT_MOST])
    names = dict.fromkeys(skill.name_in(current_language().code) for skill in slugs if skill)
    needs = [{"skill": name, "need": Need.WANT if index else Need.MUST} for index, name in enumerate(names)]
    return {"goal": goal, "needs": needs}


def _my_request(request_id: int) -> Request:
    my_request = requests.request_by_id(db(), request_id)
    raise_if(refuse_foreign_request(my_request.person_id, me().id))
    return my_request


def _form(offered: SkillSupply, values: dict[str, Any], also: set[str] | None = None) -> AskForm:
    # The languages in which somebody here can answer, and one's own: not three hundred others.
    own = {language.code for language in me().languages}
    codes = own | set(offered.by_language) | (also or set()) | {language.code for language in menu_languages()}
    names = language_names(current_locale())
    known = sorted((names.get(code, code), code) for code in codes)
    labels = [(code, f"{name} ({mentors_count(offered.by_language.get(code, 0))})") for name, code in known]
    return AskForm(skills(), labels, **values)


def _ask_page(form: AskForm, offered: SkillSupply, my_request: Request | None = None) -> tuple[str, int]:
    waits = requests.waits(db(), clock.now())
    return page("mentoring/ask.html", form, offered=offered, waits=waits, asked=my_request, groups=skills().groups)


def _for_its_owner(my_request: Request) -> str:
    now = clock.now()
    offered = mentors.skill_supply(db(), now)
    return render_template(
        "mentoring/request.html",
        asked=my_request,
        has_expired=rules.has_expired(my_request, now),
        is_held=rules.holder(my_request, now) is not None,
        pairing=requests.pairing_of(db(), my_request.id) if my_request.state == RequestState.PAIRED else None,
        offered=offered,
        missing=requests.missing_skills(my_request, offered),
        waits=requests.waits(db(), now),
        advice=proposals.efforts_for(db(), my_request.id).advice,
    )
