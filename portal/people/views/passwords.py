"""New passwords: changed by their owner, or chosen anew through a letter."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, proved_recently
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, flash_problem, settings
from portal.people import actions, rate_limit, session, tokens
from portal.people.forms import ChangePasswordForm, ForgotPasswordForm, ResetPasswordForm
from portal.people.models import Person
from portal.people.session import Proof
from portal.people.views.base import blueprint, go, page


@blueprint.route("/me/password", methods=["GET", "POST"])
@guard(proved_recently)
def change_password() -> Any:
    """Choose another password, or the first one; every other session ends."""
    form = ChangePasswordForm()
    return form.carry_out(lambda: _change(form)) or page("people/change_password.html", form)


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@guard(anyone)
def forgot_password() -> Any:
    """Ask for a letter with a link. The answer is the same whether there is an account or not."""
    form = ForgotPasswordForm()
    if not form.validate_on_submit():
        return page("people/forgot_password.html", form)
    now, subjects = clock.now(), session.tries("reset", text_of(form.name))
    rate_limit.enforce(db(), subjects, session.tries_window(), now)
    rate_limit.record_attempt(db(), subjects, now)
    person = actions.ask_for_reset(db(), text_of(form.name), now)
    security_event(SecurityEvent.PASSWORD_RESET_ASKED, Outcome.DONE, about=person.id if person else None)
    flash_done(_("If there is an account with a confirmed address, an e-mail with a link is on its way to it."))
    return go("people.sign_in")


@blueprint.route("/password/reset", methods=["GET", "POST"])
@guard(anyone)
def reset_password() -> Any:
    """Choose a new password with the link from a letter, and be signed in."""
    person = _holder(tokens.asked_with(tokens.Purpose.RESET))
    if person is None:
        flash_problem(_("This link has been used, or is too old. Ask for another: it takes a minute."))
        tokens.forget(tokens.Purpose.RESET)
        return go("people.forgot_password")
    if tokens.keep_out_of_address(tokens.Purpose.RESET):
        return go(".reset_password")
    form = ResetPasswordForm()
    return form.carry_out(lambda: _reset(person, form)) or page("people/reset_password.html", form, person=person)


def _holder(token: str) -> Person | None:
    secret, seconds = current_app.config["SECRET_KEY"], settings().limits.reset_minutes * 60
    return tokens.holder(db(), tokens.Purpose.RESET, token, secret, seconds)


def _change(form: ChangePasswordForm) -> Response:
    _set(session.me(), form)
    session.sign_in(session.me(), Proof.PASSWORD)
    security_event(SecurityEvent.PASSWORD_CHANGED, Outcome.DONE, who=session.me().id)
    flash_done(_("You have a new password. Everywhere else you are signed out."))
    return session.go_on() if request.args.get("next") else go("people.profile")


def _reset(person: Person, form: ResetPasswordForm) -> Response:
    _set(person, form)
    tokens.forget(tokens.Purpose.RESET)
    # A letter is one factor: whoever reads somebody's mail does not get past their second one by it.
    answer = session.first_proof(person, Proof.LETTER)
    security_event(SecurityEvent.PASSWORD_RESET, Outcome.DONE, who=person.id)
    if session.half_signed_in():
        flash_done(_("You have a new password. Everywhere else you are signed out."))
    else:
        flash_done(_("You have a new password and are signed in. Everywhere else you are signed out."))
    return answer


def _set(person: Person, form: ChangePasswordForm | ResetPasswordForm) -> None:
    actions.set_password(db(), person, text_of(form.password), clock.now(), site_name=settings().site.name)
