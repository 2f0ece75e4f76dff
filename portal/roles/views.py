"""What the URLs under /roles answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, proved_recently, signed_in
from portal.core.counting import whole
from portal.core.engines import hide_unless_findable
from portal.core.errors import Conflict, Invalid, raise_if
from portal.core.forms import text_of
from portal.core.i18n import _, current_language
from portal.core.web import db, flash_done, library, portal
from portal.people import queries as people
from portal.people.content import Skills
from portal.people.session import me
from portal.roles import actions, offers, queries, rules
from portal.roles.access import refuse_stepping_down
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.forms import AppointForm, RoleReasonForm
from portal.roles.models import RoleHolder, RoleOffer

blueprint = Blueprint("roles", __name__, url_prefix="/roles")


@blueprint.get("/")
@guard(anyone)
def index() -> str:
    """Every role: what it is for, who holds it, how many are missing."""
    roles = sorted(_roles(), key=lambda role: role_title(role.slug).casefold())
    holders = queries.holders(db(), clock.now())
    hide_unless_findable(one.person for held in holders.values() for one in held)
    branches, count = rules.appointments(roles), whole(roles)
    return render_template("roles/index.html", roles=roles, holders=holders, branches=branches, count=count)


@blueprint.get("/<slug>")
@guard(anyone)
def show(slug: str) -> str:
    """One role: what it asks, who holds it and did, how one gets in and out."""
    role, now = _roles().get(slug), clock.now()
    knows_me = current_user.is_authenticated
    may_appoint = knows_me and queries.refusal_to_appoint(db(), role, me().id, now) is None
    holders, past = queries.holders_of(db(), slug, now), queries.past_holders(db(), slug, now)
    hide_unless_findable(who for one in (*holders, *past) for who in (one.person, one.appointed_by, one.ended_by))
    return render_template(
        "roles/show.html",
        role=role,
        text=role.text_in(current_language().code),
        permits=[portal().features.permissions[name].allows for name in role.permissions],
        holders=holders,
        past=past,
        may_appoint=may_appoint,
        offers=queries.open_offers(db(), slug) if may_appoint else [],
        my_offer=queries.open_offer_of(db(), slug, me().id) if knows_me else None,
        skill_name=lambda skill: library().get(Skills).name(skill, current_language().code),
    )


@blueprint.route("/<slug>/appoint", methods=["GET", "POST"])
@guard(proved_recently)
def appoint(slug: str) -> Any:
    """Give the role to somebody: found by name, with a last day and a reason."""
    role, now = _roles().get(slug), clock.now()
    raise_if(queries.refusal_to_appoint(db(), role, me().id, now))
    asked = {name: request.args.get(name, "") for name in ("person", "search")}
    form = AppointForm(**asked, until=rules.usual_end(role, now.date()))
    if form.is_look and asked["person"]:
        form.person.data = asked["person"]
    done = form.carry_out(lambda: _appoint(role, form), Conflict)
    if done:
        return done
    people = queries.people_like(db(), text_of(form.search))
    waiting = queries.open_offers(db(), slug)
    page = render_template("roles/appoint.html", role=role, form=form, found=people, offers=waiting)
    return page, form.status


@blueprint.route("/holders/<int:holding_id>/end", methods=["GET", "POST"])
@guard(proved_recently)
def end(holding_id: int) -> Any:
    """Take the role from its holder, after saying what that means."""
    held, now = queries.holding(db(), holding_id), clock.now()
    raise_if(queries.refusal_to_appoint(db(), _roles().get(held.role), me().id, now))
    form = RoleReasonForm()
    done = form.carry_out(lambda: _end(held, form), Conflict)
    return done or (render_template("roles/end.html", held=held, form=form), form.status)


@blueprint.route("/holders/<int:holding_id>/step-down", methods=["GET", "POST"])
@guard(signed_in)
def step_down(holding_id: int) -> Any:
    """Give one's own role back."""
    held, form = queries.holding(db(), holding_id), RoleReasonForm()
    raise_if(refuse_stepping_down(held.person_id, me().id))
    done = form.carry_out(lambda: _step_down(held, form), Conflict)
    return done or (render_template("roles/step_down.html", held=held, form=form), form.status)


@blueprint.route("/<slug>/offer", methods=["GET", "POST"])
@guard(signed_in)
def offer(slug: str) -> Any:
    """Offer oneself for a role."""
    role, form = _roles().get(slug), RoleReasonForm()
    offers.require_open(db(), role, me(), clock.now())
    done = form.carry_out(lambda: _offer(role, form), Conflict)
    return done or (render_template("roles/offer.html", role=role, form=form), form.status)


@blueprint.post("/offers/<int:offer_id>/withdraw")
@guard(signed_in)
def withdraw(offer_id: int) -> Response:
    """Take one's offer back."""
    role_offer = queries.offer(db(), offer_id)
    offers.withdraw(db(), role_offer, me(), clock.now())
    flash_done(_("Your offer is withdrawn."))
    return _back(role_offer.role)


@blueprint.route("/offers/<int:offer_id>/decline", methods=["GET", "POST"])
@guard(signed_in)
def decline(offer_id: int) -> Any:
    """Decline somebody's offer, with a reason."""
    role_offer, form = queries.offer(db(), offer_id), RoleReasonForm()
    raise_if(queries.refusal_to_appoint(db(), _roles().get(role_offer.role), me().id, clock.now()))
    done = form.carry_out(lambda: _decline(role_offer, form), Conflict)
    return done or (render_template("roles/decline.html", made=role_offer, form=form), form.status)


@blueprint.app_template_global("role_title")
def role_title(slug: str) -> str:
    """What a role is called in the reader's language."""
    return _roles().title(slug, current_language().code)


@blueprint.app_template_global("roles_permitting")
def roles_permitting(permission: str) -> list[str]:
    """The slugs of the roles that grant a permission, by its name."""
    return [role.slug for role in _roles() if permission in role.permissions]


def _appoint(role: RoleDefinition, form: AppointForm) -> Response:
    person = people.by_username(db(), text_of(form.person))
    if person is None:
        raise Invalid(_("Nobody here has this username. Search for the person below."), "person")
    actions.appoint(db(), role, person, me(), text_of(form.reason), form.until.data, clock.now())
    flash_done(_("%(name)s holds the role now, and is told.", name=person.display_name))
    return _back(role.slug)


def _end(held: RoleHolder, form: RoleReasonForm) -> Response:
    actions.end_holding(db(), held, me(), text_of(form.reason), clock.now())
    flash_done(_("%(name)s no longer holds the role, and is told.", name=held.person.display_name))
    return _back(held.role)


def _step_down(held: RoleHolder, form: RoleReasonForm) -> Response:
    actions.step_down(db(), held, me(), text_of(form.reason), clock.now())
    flash_done(_("You no longer hold the role. Thank you for what you did in it."))
    return _back(held.role)


def _offer(role: RoleDefinition, form: RoleReasonForm) -> Response:
    offers.offer(db(), role, me(), text_of(form.reason), clock.now())
    flash_done(_("Your offer is made. Those who appoint are told, and you hear from them here."))
    return _back(role.slug)


def _decline(role_offer: RoleOffer, form: RoleReasonForm) -> Response:
    offers.decline(db(), role_offer, me(), text_of(form.reason), clock.now())
    flash_done(_("The offer of %(name)s is declined, and they are told why.", name=role_offer.person.display_name))
    return _back(role_offer.role)


def _roles() -> RoleDefinitions:
    return library().get(RoleDefinitions)


def _back(slug: str) -> Response:
    return redirect(url_for("roles.show", slug=slug), 303)
