"""What the URLs under /admin answer about accounts and about what happened at their doors."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.activity.queries import acts_limited, limits_hit
from portal.admin import actions, queries, running
from portal.admin.access import MANAGE_PEOPLE, SEE_SITE
from portal.admin.forms import SuspendForm
from portal.admin.words import KINDS, LABELS
from portal.core import clock
from portal.core.access import guard, may, permitted, proved_recently, signed_in
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.forms import text_of
from portal.core.i18n import _, current_zone, lazy
from portal.core.paging import Page
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, library, list_url, portal
from portal.people.models import Person
from portal.people.session import me
from portal.roles.content import RoleDefinitions

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
LONGEST_WORDS = 100


@blueprint.get("/")
@guard(signed_in)
def index() -> Response:
    """Where a steward begins. Raises NotAllowed for everybody else."""
    if permitted(SEE_SITE):
        return redirect(url_for(".site"))
    may(MANAGE_PEOPLE)()
    return redirect(url_for(".people"))


@blueprint.get("/people")
@guard(may(MANAGE_PEOPLE))
def people() -> str:
    """Find accounts by username, name, address or account elsewhere."""
    words = request.args.get("q", "").strip()[:LONGEST_WORDS]
    listing = queries.people_like(db(), words, request.args.get("cursor", ""))
    note_look(SecurityEvent.ACCOUNTS_SEARCHED, number=len(listing.rows))
    return render_template("admin/people.html", words=words, listing=listing, now=clock.now(), **_pages(listing))


@blueprint.get("/people/<int:person_id>")
@guard(may(MANAGE_PEOPLE))
def person(person_id: int) -> str:
    """One account: its roles, where it is signed in, and what happened at its doors."""
    now = clock.now()
    page = queries.account_page(db(), _account(person_id), now)
    note_look(SecurityEvent.ACCOUNT_VIEWED, about=person_id)
    return render_template("admin/person.html", page=page, now=now, role_title=_role_title, **LABELS)


@blueprint.route("/people/<int:person_id>/suspend", methods=["GET", "POST"])
@guard(may(MANAGE_PEOPLE))
def suspend(person_id: int) -> Any:
    """Keep somebody from signing in for a while."""
    proved_recently()
    form = SuspendForm()
    done = form.carry_out(lambda: _suspend(form, person_id), Conflict)
    return done or (render_template("admin/suspend.html", form=form, person=_account(person_id)), form.status)


@blueprint.post("/people/<int:person_id>/lift")
@guard(may(MANAGE_PEOPLE))
def lift(person_id: int) -> Response:
    """End a suspension early."""
    proved_recently()
    actions.lift_suspension(db(), person_id, me(), clock.now())
    flash_done(_("They can sign in again."))
    return redirect(url_for(".person", person_id=person_id), 303)


@blueprint.post("/people/<int:person_id>/sessions/end")
@guard(may(MANAGE_PEOPLE))
def end_sessions(person_id: int) -> Response:
    """End one session of somebody, or all."""
    proved_recently()
    chosen = request.form.get("session", "")
    if chosen and not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 10):
        raise Invalid(lazy("There is no such session."), "session")
    if chosen:
        actions.end_one_session(db(), person_id, int(chosen), me(), clock.now())
    else:
        actions.sign_out_everywhere(db(), person_id, me(), clock.now())
    flash_done(_("They are signed out there."))
    return redirect(url_for(".person", person_id=person_id), 303)


@blueprint.post("/people/<int:person_id>/second-factor/remove")
@guard(may(MANAGE_PEOPLE))
def remove_second_factor(person_id: int) -> Response:
    """Let somebody who lost their second factor in by one."""
    proved_recently()
    actions.remove_second_factor(db(), person_id, me(), clock.now())
    flash_done(_("They sign in without a second factor now, and are told by e-mail."))
    return redirect(url_for(".person", person_id=person_id), 303)


@blueprint.post("/people/<int:person_id>/passkeys/remove")
@guard(may(MANAGE_PEOPLE))
def remove_passkeys(person_id: int) -> Response:
    """Take every passkey of somebody away."""
    proved_recently()
    actions.remove_passkeys(db(), person_id, me(), clock.now())
    flash_done(_("None of their passkeys signs in any more, and they are told by e-mail."))
    return redirect(url_for(".person", person_id=person_id), 303)


@blueprint.get("/events")
@guard(may(MANAGE_PEOPLE))
def events() -> str:
    """What happened at the doors: failed sign-ins, limits reached, refused requests, what was done to others."""
    wanted = wanted_events()
    listing = queries.events(db(), wanted, request.args.get("cursor", ""))
    names = queries.people_in(db(), listing.rows)
    acts = {"acts": acts_limited(db()), "hits": limits_hit(db())} if wanted.kind == "limits" else {}
    kinds = [(slug, label, list_url(".events", kind=slug)) for slug, label in KINDS.items()]
    shown = {"kinds": kinds, "listing": listing, "names": names, "csv_url": list_url("admin_downloads.events")}
    note_look(SecurityEvent.EVENTS_VIEWED, number=len(listing.rows))
    return render_template("admin/events.html", wanted=wanted, **shown, **acts, **LABELS, **_pages(listing))


@blueprint.get("/site")
@guard(may(SEE_SITE))
def site() -> str:
    """How the site runs: what `portal doctor` knows, its sweeps, what waits and what was given up."""
    return render_template("admin/site.html", state=running.site_state(portal(), db()), now=clock.now())


@blueprint.post("/site/check")
@guard(may(SEE_SITE))
def check() -> Response:
    """Have the servers that this site depends on asked again."""
    running.check_again(db(), me(), clock.now())
    flash_done(_("They are being asked. Reload this page in a moment."))
    return redirect(url_for(".site"), 303)


@blueprint.post("/site/retry")
@guard(may(SEE_SITE))
def retry() -> Response:
    """Have what was given up tried again."""
    proved_recently()
    running.retry_given_up(db(), me(), request.form.get("what", ""), clock.now())
    flash_done(_("It is being tried again."))
    return redirect(url_for(".site"), 303)


def wanted_events() -> queries.EventFilter:
    """What the address asks for of the events: `kind`, `who` (a username) and `day`. Raises NotFound for a kind that
    there is not, Invalid for a day that is none.
    """
    kind, username = request.args.get("kind", ""), request.args.get("who", "").strip()[:LONGEST_WORDS]
    if kind not in queries.KINDS:
        raise NotFound(lazy("There is no such list."))
    typed = request.args.get("day", "")
    if not typed:
        return queries.EventFilter(kind, username)
    try:
        since = datetime.combine(date.fromisoformat(typed), time(), current_zone()).astimezone(UTC)
        return queries.EventFilter(kind, username, since, since + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise Invalid(lazy("Choose a day."), "day") from error


def note_look(event: SecurityEvent, about: int | None = None, **facts: Any) -> None:
    """Note that a steward has looked at what belongs to others; what they searched for is typed, and is not noted."""
    if request.method == "GET":
        security_event(event, Outcome.DONE, who=me().id, about=about, **facts)


def _suspend(form: SuspendForm, person_id: int) -> Response:
    actions.suspend(db(), person_id, me(), text_of(form.reason), form.moment(), clock.now())
    flash_done(_("The account is suspended, and signed out everywhere."))
    return redirect(url_for(".person", person_id=person_id), 303)


def _account(person_id: int) -> Person:
    person = db().get(Person, person_id)
    if person is None or person.deleted_at:
        raise NotFound(lazy("There is no such account."))
    return person


def _role_title(slug: str, language: str) -> str:
    definition = library().get(RoleDefinitions).by_slug.get(slug)
    return definition.text_in(language).title if definition else slug


def _pages(listing: Page[Any]) -> dict[str, str | None]:
    here = request.endpoint or ""
    next_url = list_url(here, cursor=listing.next_cursor) if listing.next_cursor else None
    return {"next_url": next_url, "first_url": list_url(here) if request.args.get("cursor") else None}
