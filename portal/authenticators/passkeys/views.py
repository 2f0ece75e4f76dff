"""What the URLs under /passkeys answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.authenticators.models import Passkey
from portal.authenticators.passkeys import actions, ceremony, queries
from portal.authenticators.passkeys.ceremony import AnswerRefused
from portal.authenticators.passkeys.forms import AddForm, AnswerForm, NameForm
from portal.authenticators.passkeys.rules import PasskeyChallenge, RelyingParty, relying_party
from portal.core import clock
from portal.core.access import anyone, guard, proved_recently, signed_in
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.forms import text_of
from portal.core.i18n import _, lazy
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, flash_problem, keep_writes, settings
from portal.people import rate_limit
from portal.people.models import Person
from portal.people.session import Proof, first_proof, go_on, me, prove_again, tries, tries_window
from portal.people.views.base import go, page

blueprint = Blueprint("passkeys", __name__, url_prefix="/passkeys")
_BEGUN = "passkey_begun"
"""What stands in the cookie of a browser that has been asked for a passkey."""
_ADD, _SHOW = "add", "show"


@blueprint.get("/")
@guard(signed_in)
def passkeys() -> Any:
    """The passkeys that sign one in, and when each last did."""
    is_possible = relying_party(settings().site.url) is not None
    mine = queries.passkeys_of(db(), me().id)
    return render_template("authenticators/passkeys.html", passkeys=mine, is_possible=is_possible)


@blueprint.route("/add", methods=["GET", "POST"])
@guard(proved_recently)
def add() -> Any:
    """Have the browser make a passkey, and keep its public half."""
    party, form = _party(), AddForm()
    answer = form.carry_out(lambda: _add(form, party), Conflict)
    return answer or page("authenticators/add_passkey.html", form)


@blueprint.get("/add/options")
@guard(proved_recently)
def add_options() -> Any:
    """What the script of the page asks the browser for, as JSON."""
    party, mine = _party(), queries.passkeys_of(db(), me().id)
    begun = ceremony.begin(_ADD, me(), mine, clock.now())
    session[_BEGUN] = begun.kept()
    return jsonify(ceremony.as_json(ceremony.adding_options(begun, party, settings().site.name, me(), mine)))


@blueprint.route("/<int:passkey_id>/name", methods=["GET", "POST"])
@guard(signed_in)
def rename(passkey_id: int) -> Any:
    """Give a passkey another name."""
    found = _mine(passkey_id)
    form = NameForm(name=found.name)
    answer = form.carry_out(lambda: _rename(form, passkey_id))
    return answer or page("authenticators/name_passkey.html", form, passkey=found)


@blueprint.get("/<int:passkey_id>/remove")
@guard(proved_recently)
def ask_to_remove(passkey_id: int) -> Any:
    """Ask before a passkey is taken away."""
    found = _mine(passkey_id)
    return render_template(
        "confirm.html",
        question=_("Remove the passkey “%(name)s”?", name=found.name),
        consequences=[_("It no longer signs you in here."), _("On your device it stays until you delete it there.")],
        action=url_for(".remove", passkey_id=passkey_id),
        label=_("Remove it"),
        back=url_for(".passkeys"),
    )


@blueprint.post("/<int:passkey_id>/remove")
@guard(proved_recently)
def remove(passkey_id: int) -> Any:
    """No longer be signed in by a passkey."""
    try:
        is_gone = actions.remove_passkey(db(), me(), passkey_id, clock.now())
    except Conflict as refusal:
        flash_problem(str(refusal.message))
        return go("people.change_password")
    if is_gone:
        security_event(SecurityEvent.PASSKEY_REMOVED, Outcome.DONE, who=me().id)
        flash_done(_("It no longer signs you in."))
    return go(".passkeys")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guard(anyone)
def sign_in() -> Any:
    """Sign in by a passkey, or show again by one that it is you."""
    party, form = _party(), AnswerForm()
    return form.carry_out(lambda: _sign_in(form, party)) or page("authenticators/sign_in_passkey.html", form)


@blueprint.get("/sign-in/options")
@guard(anyone)
def sign_in_options() -> Any:
    """What the script of the page asks the browser for, as JSON: any passkey for this site, or one's own."""
    party = _party()
    person = me() if current_user.is_authenticated else None
    mine = queries.passkeys_of(db(), person.id) if person else []
    begun = ceremony.begin(_SHOW, person, mine, clock.now())
    session[_BEGUN] = begun.kept()
    return jsonify(ceremony.as_json(ceremony.showing_options(begun, party, mine)))


def _add(form: AddForm, party: RelyingParty) -> Response:
    now = clock.now()
    begun = _begun(_ADD, form, now)
    try:
        made = ceremony.made_passkey(begun, party, text_of(form.answer), text_of(form.name))
    except AnswerRefused as refused:
        security_event(SecurityEvent.PASSKEY_ADDED, Outcome.FAILED, who=me().id)
        raise Invalid(lazy("Your browser has made no passkey that is good for this site. Try again.")) from refused
    actions.add_passkey(db(), me(), made, now)
    security_event(SecurityEvent.PASSKEY_ADDED, Outcome.DONE, who=me().id)
    flash_done(_("From now on this passkey signs you in."))
    return go(".passkeys")


def _rename(form: NameForm, passkey_id: int) -> Response:
    actions.rename_passkey(db(), me(), passkey_id, text_of(form.name))
    flash_done(_("It has a new name."))
    return go(".passkeys")


def _sign_in(form: AnswerForm, party: RelyingParty) -> Response:
    now, is_here = clock.now(), current_user.is_authenticated
    event = SecurityEvent.PROVED_AGAIN if is_here else SecurityEvent.SIGN_IN
    rate_limit.enforce(db(), tries("passkey"), tries_window(), now)
    begun = _begun(_SHOW, form, now)
    person = _shown_by(begun, party, text_of(form.answer), now)
    if person is None:
        security_event(event, Outcome.FAILED, who=begun.who, way=actions.WAY)
        rate_limit.record_attempt(db(), tries("passkey"), now)
        keep_writes()
        raise Invalid(lazy("This passkey does not sign you in here. Take another one, or sign in another way."))
    answer = _proved_again() if is_here else first_proof(person, Proof.PASSKEY)
    security_event(event, Outcome.DONE, who=person.id, way=actions.WAY)
    return answer


def _proved_again() -> Response:
    prove_again(Proof.PASSKEY)
    return go_on()


def _shown_by(begun: PasskeyChallenge, party: RelyingParty, answer: str, now: datetime) -> Person | None:
    """Whom a passkey shows that answers this; None for nobody, or somebody else than who is signed in here."""
    try:
        credential_id, handle = ceremony.named_in(answer)
        found = queries.by_credential(db(), credential_id)
        if found is None or (handle != found.user_handle and not (handle is None and begun.who)):
            return None
        sign_count = ceremony.shown_count(begun, party, answer, found)
    except AnswerRefused:
        return None
    owner = db().get(Person, found.person_id)
    if owner is None or not owner.is_active or begun.who not in (None, owner.id):
        return None
    return owner if actions.note_use(db(), found, sign_count, begun.at, now) else None


def _begun(purpose: str, form: AnswerForm, now: datetime) -> PasskeyChallenge:
    """What this browser was asked: it can answer once. Raises Invalid."""
    begun = PasskeyChallenge.read(session.pop(_BEGUN, {}), purpose, getattr(current_user, "id", None), now)
    if not form.answer.data:
        raise Invalid(lazy("Your browser has sent no passkey. It needs JavaScript for that, and a current version."))
    if begun is None:
        raise Invalid(lazy("This took too long, or was begun on another page. Try again."))
    return begun


def _mine(passkey_id: int) -> Passkey:
    found = queries.passkey_of(db(), me().id, passkey_id)
    if found is None:
        raise actions.no_such_passkey()
    return found


def _party() -> RelyingParty:
    party = relying_party(settings().site.url)
    if party is None:
        raise NotFound(lazy("There are no passkeys on this site: browsers make them only for a name with https."))
    return party
