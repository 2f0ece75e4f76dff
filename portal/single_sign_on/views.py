"""What the URLs under /sign-in-with answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, proved_recently, signed_in
from portal.core.config import SignInConfig
from portal.core.errors import Conflict, NotFound
from portal.core.forms import Form, text_of
from portal.core.i18n import _, current_language, lazy
from portal.core.request_cycle import end_work
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, flash_problem, is_looked_at, library, portal, settings
from portal.people import queries as people
from portal.people import rate_limit
from portal.people.invitations import doors
from portal.people.invitations.rules import Invited
from portal.people.kept_names import KeptNames
from portal.people.models import Person
from portal.people.rules import AUDIENCE
from portal.people.session import Proof, choose_language, first_proof, go_on, me, prove_again, tries, tries_window
from portal.people.session import sign_in as begin_session
from portal.people.views.base import go, link_is_on_its_way, page, username_offered
from portal.people.views.joining import ask_for_invitation, create_from, is_known_by, object_to_names
from portal.single_sign_on import actions, exchange, queries, rules
from portal.single_sign_on.forms import NewcomerForm
from portal.single_sign_on.models import LinkedIdentity
from portal.single_sign_on.rules import KnownIdentity
from portal.single_sign_on.words import failure_in_words

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/sign-in-with")
_BEGUN, _KNOWN = "sign_in_begun", "sign_in_known"
"""What stands in the cookie of a browser: a sign-in that has begun, and who a service said it is."""


@blueprint.get("/<provider>")
@guard(anyone)
def start(provider: str) -> Any:
    """Go to the service, to come back with who one is there."""
    found = _provider(provider)
    who, again = getattr(current_user, "id", None), current_user.is_authenticated and "next" in request.args
    end_work()  # No row is held while a server is slow.
    try:
        begun = exchange.begin(portal(), found.slug, again=again)
    except exchange.ExchangeFailed as failed:
        return _failed(found, failed.reason)
    kept = {
        "provider": found.slug,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "since": begun.since,
    }
    session[_BEGUN] = {**kept, "who": who, "next": request.args.get("next"), "at": clock.now().timestamp()}
    return redirect(begun.address, 303)


@blueprint.get("/<provider>/back")
@guard(anyone)
def back(provider: str) -> Any:
    """Come back from the service. Nothing is believed that this browser did not begin."""
    found = _provider(provider)
    if not is_looked_at():
        return go("people.sign_in")
    now, begun = clock.now(), session.pop(_BEGUN, None) or {}
    who = getattr(current_user, "id", None)
    if not rules.is_recent(begun, now) or begun["provider"] != found.slug or begun["who"] != who:
        return _failed(found, "wrong_state")
    rate_limit.enforce(db(), tries("provider"), tries_window(), now)
    end_work()  # No row is held while a server is slow.
    try:
        identity = exchange.finish(portal(), found.slug, begun, request.args)
    except exchange.ExchangeFailed as failed:
        _note_failure(found, failed.reason)
        return _failed(found, failed.reason)
    return _recognised(found, identity, begun["next"])


@blueprint.route("/<provider>/sign-up", methods=["GET", "POST"])
@guard(anyone)
def sign_up(provider: str) -> Any:
    """Make an account that the account elsewhere signs in."""
    found, identity = _provider(provider), _known(provider)
    if current_user.is_authenticated or identity is None:
        return go_on() if current_user.is_authenticated else _failed(found, "wrong_state")
    invited = doors.invitation_here()
    if invited is None and doors.needs_invitation():
        return ask_for_invitation()
    is_taken = queries.has_address(db(), identity.email)
    form = NewcomerForm(
        username=_free_username(identity),
        display_name=identity.name,
        email=_address(identity, invited, is_taken=is_taken),
        language=current_language().code,
    )
    if answer := form.carry_out(lambda: _sign_up(form, found, identity, invited), Conflict):
        return answer
    if form.errors and not form.username.errors:
        object_to_names(form)
    offered = username_offered(form, text_of(form.display_name), identity.username)
    known = {"provider": found, "identity": identity, "is_taken": is_taken, "offered": offered, "audience": AUDIENCE}
    known["invited"] = invited
    return page("single_sign_on/sign_up.html", form, **known)


@blueprint.get("/")
@guard(signed_in)
def accounts() -> Any:
    """The accounts elsewhere that sign one in, and what can be linked."""
    linked = queries.links_of(db(), me().id)
    return render_template("single_sign_on/accounts.html", linked=linked, providers=_providers(), person=me())


@blueprint.route("/<provider>/link", methods=["GET", "POST"])
@guard(proved_recently)
def link(provider: str) -> Any:
    """Let the account elsewhere sign one in from now on: both have been proved, and one says so."""
    found, identity, form = _provider(provider), _known(provider), Form()
    if identity is None:
        return _failed(found, "wrong_state")
    done = form.carry_out(lambda: _link(found, identity), Conflict)
    return done or page("single_sign_on/link.html", form, provider=found, identity=identity)


@blueprint.post("/remove/<int:link_id>")
@guard(proved_recently)
def remove(link_id: int) -> Any:
    """No longer be signed in by an account elsewhere."""
    try:
        gone = actions.unlink(db(), me(), link_id, _providers(), clock.now())
    except Conflict as refusal:
        flash_problem(str(refusal.message))
        return go("people.change_password" if refusal.code == "last_way_in" else ".accounts")
    if gone:
        security_event(SecurityEvent.PROVIDER_UNLINKED, Outcome.DONE, who=me().id, provider=gone)
        flash_done(_("It no longer signs you in."))
    return go(".accounts")


@blueprint.app_template_global()
def providers_offered() -> list[SignInConfig]:
    """For templates: the services by which somebody who is signed in can show who they are, or that a visitor has."""
    if not current_user.is_authenticated:
        return list(settings().sign_in)
    linked = {one.provider for one in queries.links_of(db(), me().id)}
    return [one for one in settings().sign_in if one.slug in linked]


@blueprint.app_template_global()
def has_sign_in_services() -> bool:
    """For templates: whether people can sign in with accounts elsewhere at all."""
    return bool(settings().sign_in)


def _recognised(provider: SignInConfig, identity: KnownIdentity, wanted: str | None) -> Response:
    known = queries.link_of(db(), identity)
    owner = db().get(Person, known.person_id) if known else None
    if current_user.is_authenticated:
        return _recognised_again(provider, identity, known, wanted)
    if known and owner and owner.is_active:
        _note(provider, identity, known)
        answer = first_proof(owner, Proof.PROVIDER, wanted)
        security_event(SecurityEvent.SIGN_IN, Outcome.DONE, who=owner.id, provider=provider.slug)
        return answer
    session[_KNOWN] = identity.kept(clock.now())
    return go(".sign_up", provider=provider.slug, **({"next": wanted} if wanted else {}))


def _recognised_again(
    provider: SignInConfig, identity: KnownIdentity, known: LinkedIdentity | None, wanted: str | None
) -> Response:
    if known is None:
        session[_KNOWN] = identity.kept(clock.now())
        return go(".link", provider=provider.slug)
    if known.person_id != me().id:
        security_event(SecurityEvent.PROVIDER_LINKED, Outcome.REFUSED, who=me().id, provider=provider.slug)
        flash_problem(str(actions.belongs_to_another().message))
        return go(".accounts")
    _note(provider, identity, known)
    security_event(SecurityEvent.PROVED_AGAIN, Outcome.DONE, who=me().id, provider=provider.slug)
    prove_again(Proof.PROVIDER)
    return go_on(wanted or url_for(".accounts"))


def _note(provider: SignInConfig, identity: KnownIdentity, known: LinkedIdentity) -> None:
    # A service sends people back by GET, which reads: this is known to be written by it, in a unit of work of its own.
    with portal().unit_of_work() as work:
        person, service = work.get_one(Person, known.person_id), rules.service_of(provider, settings())
        actions.note_sign_in(work, known.id, person, identity, service, clock.now())


def _sign_up(form: NewcomerForm, provider: SignInConfig, identity: KnownIdentity, invited: Invited | None) -> Response:
    is_theirs = bool(identity.email) and text_of(form.email).lower() == identity.email.lower()
    is_theirs = is_theirs or is_known_by(invited, form)
    # Both or neither, also where a counted try is kept: nobody could sign in to an account without a way in.
    with db().begin_nested():
        person = create_from(form, password=None, is_email_known=is_theirs)
        actions.link(db(), person, identity, rules.service_of(provider, settings()), clock.now())
    security_event(SecurityEvent.SIGN_UP, Outcome.DONE, who=person.id, provider=provider.slug)
    choose_language(person.language)
    begin_session(person, Proof.PROVIDER)
    flash_done(_("Welcome, %(name)s. Your account is ready.", name=person.display_name))
    if form.email.data and not is_theirs:
        flash_done(link_is_on_its_way(form.email.data))
    return go_on()


def _link(provider: SignInConfig, identity: KnownIdentity) -> Response:
    service = rules.service_of(provider, settings())
    actions.link_another(db(), me(), identity, provider, service, clock.now())
    security_event(SecurityEvent.PROVIDER_LINKED, Outcome.DONE, who=me().id, provider=provider.slug)
    session.pop(_KNOWN, None)
    flash_done(_("From now on you can sign in with %(label)s, too.", label=provider.label))
    return go(".accounts")


def _note_failure(provider: SignInConfig, reason: str) -> None:
    who = getattr(current_user, "id", None)
    security_event(SecurityEvent.SIGN_IN, Outcome.FAILED, who=who, provider=provider.slug, reason=reason)
    with portal().unit_of_work() as work:
        rate_limit.record_attempt(work, tries("provider"), clock.now())


def _failed(provider: SignInConfig, reason: str) -> Response:
    flash_problem(failure_in_words(reason, provider.label))
    return go(".accounts" if current_user.is_authenticated else "people.sign_in")


def _address(identity: KnownIdentity, invited: Invited | None, *, is_taken: bool) -> str:
    """The address that is proposed: that of the service, else the one to which the invitation went."""
    return "" if is_taken else identity.email or (invited.email if invited else None) or ""


def _free_username(identity: KnownIdentity) -> str:
    return people.free_username_like(db(), (identity.username, identity.name), library().get(KeptNames))


def _known(provider: str) -> KnownIdentity | None:
    known = KnownIdentity.read(session.get(_KNOWN) or {}, clock.now())
    return known if known and known.provider == provider else None


def _providers() -> dict[str, SignInConfig]:
    return {one.slug: one for one in settings().sign_in}


def _provider(slug: str) -> SignInConfig:
    found = _providers().get(slug)
    if found is None:
        raise NotFound(lazy("This site lets nobody sign in with such a service."))
    return found
