"""What the URLs under /second-factor answer."""

from __future__ import annotations

import json
from typing import Any

import pyotp
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.authenticators import actions, queries, rules
from portal.authenticators.forms import CodeForm, SecondFactorForm
from portal.authenticators.passkeys.queries import has_passkey
from portal.authenticators.passkeys.rules import relying_party
from portal.authenticators.sealing import CannotOpenError, opened, seal
from portal.core import clock
from portal.core.access import NeedsSignIn, anyone, guard, proved_recently, signed_in
from portal.core.errors import Conflict
from portal.core.forms import Form, text_of
from portal.core.i18n import _
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, flash_problem, is_looked_at, keep_writes, settings
from portal.people import rate_limit
from portal.people.locks import lock_person
from portal.people.models import Person
from portal.people.session import Proof, half_signed_in, me, second_proof, tries_window
from portal.people.views.base import go, page

blueprint = Blueprint("authenticators", __name__, url_prefix="/second-factor")
_SECRET, _CODES = "second_factor_secret", "recovery_codes"
"""What stands, sealed, in the cookie of a browser: the secret of an app that is being added, codes not yet shown."""
SET_UP_SECONDS = 1800


@blueprint.get("/")
@guard(signed_in)
def overview() -> Any:
    """Whether one shows a code besides the password, and what can be done about it."""
    app, left = queries.app_of(db(), me().id), queries.codes_left(db(), me().id)
    return render_template("authenticators/overview.html", app=app, left=left, few=rules.FEW)


@blueprint.route("/app", methods=["GET", "POST"])
@guard(proved_recently)
def add_app() -> Any:
    """Add an app: it reads the picture, and shows that it has by a code."""
    if queries.has_app(db(), me().id):
        return go(".overview")
    form, secret = CodeForm(), _secret_being_added()
    answer = form.carry_out(lambda: _add(form, secret), Conflict)
    return answer or page("authenticators/add_app.html", form, secret=rules.in_groups(secret), picture=_picture(secret))


@blueprint.route("/app/remove", methods=["GET", "POST"])
@guard(proved_recently)
def remove_app() -> Any:
    """Show no code any longer, after saying what that means."""
    form = Form()
    return form.carry_out(_remove) or page("authenticators/remove_app.html", form)


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
@guard(proved_recently)
def recovery_codes() -> Any:
    """Make a new set of recovery codes, after saying that the old ones are gone then."""
    if not queries.has_app(db(), me().id):
        return go(".overview")
    form = Form()
    return form.carry_out(_renew) or page(
        "authenticators/recovery_codes.html", form, left=queries.codes_left(db(), me().id)
    )


@blueprint.get("/recovery-codes/new")
@guard(signed_in)
def new_codes() -> Any:
    """The new recovery codes, shown this once."""
    sealed = session.pop(_CODES, "") if is_looked_at() else ""
    owner, codes = json.loads(_opened(sealed) or "[0, []]")
    if owner != me().id:
        return go(".overview")
    return render_template("authenticators/new_codes.html", codes=codes)


@blueprint.route("/enter", methods=["GET", "POST"])
@guard(anyone)
def enter() -> Any:
    """The second factor of who has just shown the first."""
    person = half_signed_in()
    if person is None:
        flash_problem(_("This took too long. Sign in again."))
        return redirect(url_for("people.sign_in", next=request.args.get("next")), 303)
    form = SecondFactorForm()
    return form.carry_out(lambda: _enter(person, form)) or _enter_page(form, person)


def _enter_page(form: SecondFactorForm, person: Person) -> tuple[str, int]:
    can_show = relying_party(settings().site.url) is not None and has_passkey(db(), person.id)
    known = {"has_app": queries.has_app(db(), person.id), "can_show": can_show}
    return page("authenticators/enter.html", form, person=person, **known)


def _enter(person: Person, form: SecondFactorForm) -> Response:
    typed, now = text_of(form.code), clock.now()
    # Counted by person alone: only who has shown the first factor gets here, so nobody else can use the tries up.
    subjects = {rate_limit.subject_of(_key(), "second factor", str(person.id)): settings().limits.sign_in_tries}
    # One after the other, or tries that come at once would all be the first.
    lock_person(db(), person.id)
    rate_limit.enforce(db(), subjects, tries_window(), now)
    proof = _proof_of(person, typed)
    outcome = Outcome.DONE if proof else Outcome.FAILED
    security_event(SecurityEvent.SIGN_IN_SECOND_FACTOR, outcome, who=person.id)
    if proof is None:
        rate_limit.record_attempt(db(), subjects, now)
        keep_writes()
        raise actions.wrong_code()
    try:
        return second_proof(person, proof)
    except NeedsSignIn:
        return go("people.sign_in")


def _proof_of(person: Person, typed: str) -> Proof | None:
    try:
        if actions.use_code(db(), person, typed, _key(), clock.now()):
            return Proof.CODE
    except CannotOpenError:
        flash_problem(_("The codes of your app cannot be checked any more. Use a recovery code, or ask an admin."))
    return Proof.RECOVERY_CODE if actions.use_recovery_code(db(), person, typed, clock.now()) else None


def _add(form: CodeForm, secret: str) -> Response:
    actions.add_app(db(), me(), secret, text_of(form.code), _key(), clock.now())
    session.pop(_SECRET, None)
    security_event(SecurityEvent.SECOND_FACTOR_ADDED, Outcome.DONE, who=me().id)
    flash_done(_("From now on you are asked for a code when you sign in."))
    return _renew()


def _renew() -> Response:
    codes = actions.renew_recovery_codes(db(), me(), clock.now())
    session[_CODES] = seal(json.dumps([me().id, codes]), _key())
    security_event(SecurityEvent.RECOVERY_CODES_MADE, Outcome.DONE, who=me().id)
    return go(".new_codes")


def _remove() -> Response:
    if actions.remove_second_factor(db(), me(), clock.now()):
        security_event(SecurityEvent.SECOND_FACTOR_REMOVED, Outcome.DONE, who=me().id)
        flash_done(_("You are no longer asked for a code."))
    return go(".overview")


def _secret_being_added() -> str:
    owner, secret = json.loads(_opened(session.get(_SECRET, "")) or '[0, ""]')
    if owner != me().id:
        secret = pyotp.random_base32()
        session[_SECRET] = seal(json.dumps([me().id, secret]), _key())
    return str(secret)


def _opened(sealed: str) -> str:
    try:
        return opened(sealed, _key(), max_age=SET_UP_SECONDS)
    except CannotOpenError:
        return ""


def _picture(secret: str) -> Markup:
    site = settings().site
    address = pyotp.TOTP(secret).provisioning_uri(name=me().username, issuer_name=site.name)
    import segno  # late: few add an app

    drawn = segno.make(address, micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704  # made of squares by segno; no word of anybody stands in it


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
