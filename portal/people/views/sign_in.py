"""Sign up, sign in, show again that it is you, sign out."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import anyone, guard, signed_in
from portal.core.errors import Invalid, NotAllowed
from portal.core.forms import text_of
from portal.core.i18n import _, current_language, lazy
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, settings
from portal.people import passwords, session
from portal.people.forms import ProveForm, SignInForm, SignUpForm
from portal.people.invitations import doors
from portal.people.invitations.rules import Invited
from portal.people.rules import AUDIENCE
from portal.people.session import Proof, go_on, me
from portal.people.views.base import (
    blueprint,
    go,
    link_is_on_its_way,
    offered_ways,
    page,
    recognise,
    username_offered,
)
from portal.people.views.joining import ask_for_invitation, create_from, is_known_by, object_to_names


@blueprint.route("/sign-up", methods=["GET", "POST"])
@guard(anyone)
def sign_up() -> Any:
    """Make an account and be signed in with it."""
    if current_user.is_authenticated:
        return go_on()
    if settings().sign_in_rules.sign_up == "provider":
        return _sign_up_elsewhere()
    invited = doors.invitation_here()
    if invited is None and doors.needs_invitation():
        return ask_for_invitation()
    form = SignUpForm(language=current_language().code, email=invited.email if invited else None)
    if answer := form.carry_out(lambda: _sign_up(form, invited)):
        return answer
    if form.errors and not form.username.errors:
        object_to_names(form)
    offered = username_offered(form, text_of(form.display_name))
    return page("people/sign_up.html", form, audience=AUDIENCE, offered=offered, ways=offered_ways(), invited=invited)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guard(anyone)
def sign_in() -> Any:
    """Come back with username and password."""
    if current_user.is_authenticated:
        return go_on()
    form = SignInForm()
    return form.carry_out(lambda: _sign_in(form)) or page("people/sign_in.html", form, ways=offered_ways())


@blueprint.route("/prove", methods=["GET", "POST"])
@guard(signed_in)
def prove() -> Any:
    """Show again that it is you, before something that cannot be mended."""
    form, ways = ProveForm(), [way for way in offered_ways() if way.can_prove(db(), me())]
    return form.carry_out(lambda: _prove(form)) or page("people/prove.html", form, ways=ways, person=me())


@blueprint.post("/sign-out")
@guard(anyone)
def sign_out() -> Any:
    """End this session."""
    if current_user.is_authenticated:
        security_event(SecurityEvent.SIGN_OUT, Outcome.DONE, who=me().id)
    session.sign_out()
    flash_done(_("You are signed out."))
    return go("people.sign_in")


def _sign_up_elsewhere() -> Any:
    if request.method == "POST":
        sentence = lazy("New accounts are made here only with an account that you have elsewhere.")
        raise NotAllowed(sentence, code="sign_up_elsewhere")
    return render_template("people/sign_up_elsewhere.html", ways=offered_ways())


def _sign_up(form: SignUpForm, invited: Invited | None) -> Response:
    person = create_from(form, password=text_of(form.password))
    security_event(SecurityEvent.SIGN_UP, Outcome.DONE, who=person.id)
    session.choose_language(person.language)
    session.sign_in(person, Proof.PASSWORD)
    flash_done(_("Welcome, %(name)s. Your account is ready.", name=person.display_name))
    if form.email.data and not is_known_by(invited, form):
        # The same for an address that somebody else has: only its owner is told.
        flash_done(link_is_on_its_way(form.email.data))
    return go_on()


def _sign_in(form: SignInForm) -> Response:
    password = text_of(form.password)
    person = recognise(text_of(form.username), password)
    if person is None:
        raise Invalid(_("This username and this password do not match. Check both, then try again."))
    answer = session.first_proof(person, Proof.PASSWORD, _another_password() if passwords.is_leaked(password) else None)
    security_event(SecurityEvent.SIGN_IN, Outcome.DONE, who=person.id)
    return answer


def _another_password() -> str:
    """Where somebody is led whose password others know: they may go elsewhere, and are led there again next time."""
    return url_for(".change_password", why="leaked", next=request.args.get("next"))


def _prove(form: ProveForm) -> Response:
    if recognise(me().username, text_of(form.password), SecurityEvent.PROVED_AGAIN) is None:
        raise Invalid(_("This is not your password. Try again."), "password")
    session.prove_again(Proof.PASSWORD)
    security_event(SecurityEvent.PROVED_AGAIN, Outcome.DONE, who=me().id)
    return go_on()
