"""One's address, one's data, and the way out."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.core import clock, drafts
from portal.core.access import anyone, guard, proved_recently, signed_in
from portal.core.errors import Conflict, NotFound
from portal.core.forms import Form
from portal.core.i18n import _, lazy
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, is_looked_at, portal, safe_next, settings
from portal.people import actions, queries, rate_limit, session, tokens
from portal.people.forms import EmailForm
from portal.people.rules import AUDIENCE
from portal.people.session import me
from portal.people.views.base import blueprint, go, link_is_on_its_way, page


@blueprint.route("/me/email", methods=["GET", "POST"])
@guard(proved_recently)
def change_email() -> Any:
    """Give another address, or none."""
    form = EmailForm(email=me().new_email or me().email)
    changed = form.carry_out(lambda: _change_email(form))
    return changed or page("people/change_email.html", form, person=me(), audience=AUDIENCE)


@blueprint.post("/me/email/again")
@guard(signed_in)
def try_email_again() -> Any:
    """Send a letter to the address that a mail server refused."""
    person, now = me(), clock.now()
    address = person.refused_address
    if not address:
        return go("people.profile")
    _count_letter(now)
    actions.try_address_again(db(), person, now)
    flash_done(_("An e-mail is on its way to %(email)s. If it is returned again, you will see it here.", email=address))
    return go("people.profile")


@blueprint.post("/me/email/link-again")
@guard(signed_in)
def send_link_again() -> BaseResponse:
    """Send the link once more that confirms the address."""
    person, now = me(), clock.now()
    if person.new_email:
        _count_letter(now)
        actions.ask_to_confirm(db(), person, now)
        flash_done(link_is_on_its_way(person.new_email))
    return _go_back()


@blueprint.route("/email/confirm", methods=["GET", "POST"])
@guard(anyone)
def confirm_email() -> Any:
    """Confirm an address with the link that was sent to it. Only the button does it: mail programs open links."""
    secret, token = current_app.config["SECRET_KEY"], tokens.asked_with(tokens.Purpose.CONFIRM)
    person = tokens.holder(db(), tokens.Purpose.CONFIRM, token, secret, tokens.CONFIRM_SECONDS)
    if person is None:
        raise NotFound(lazy("This link has been used, or is too old. Your profile lets you ask for another."))
    if tokens.keep_out_of_address(tokens.Purpose.CONFIRM):
        return go(".confirm_email")
    form = Form()
    if not form.validate_on_submit():
        return page("people/confirm_email.html", form, person=person)
    tokens.forget(tokens.Purpose.CONFIRM)
    actions.confirm_email(db(), person, clock.now(), but=session.current_mark())
    security_event(SecurityEvent.EMAIL_CHANGED, Outcome.DONE, who=person.id)
    flash_done(_("Your address is confirmed. E-mails go there from now on."))
    return go("people.profile")


@blueprint.get("/me/export")
@guard(proved_recently)
def export() -> BaseResponse:
    """Everything this site holds about the person, as a file."""
    if is_looked_at():
        security_event(SecurityEvent.DATA_EXPORTED, Outcome.DONE, who=me().id)
    text = json.dumps(queries.export_of(db(), me()), ensure_ascii=False, indent=2, default=_in_words)
    name = f"{me().username}-{clock.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text + "\n", mimetype="application/json", headers=headers)


@blueprint.route("/me/delete", methods=["GET", "POST"])
@guard(proved_recently)
def delete() -> Any:
    """Delete the account, after saying what that means."""
    form = Form()
    gone = form.carry_out(_leave, Conflict)
    return gone or page("people/delete.html", form, person=me(), audience=AUDIENCE)


def _in_words(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _leave() -> BaseResponse:
    security_event(SecurityEvent.ACCOUNT_DELETED, Outcome.DONE, who=me().id)
    actions.leave(portal(), db(), me(), clock.now())
    drafts.forget_browser(db())
    session.sign_out()
    flash_done(_("Your account is deleted. Thank you for the time you were here."))
    return go("people.sign_in")


def _count_letter(now: datetime) -> None:
    """One more letter to an address that is not known to work. Raises TooMany."""
    subjects = session.tries("email", me().username)
    rate_limit.enforce(db(), subjects, session.tries_window(), now)
    rate_limit.record_attempt(db(), subjects, now)


def _change_email(form: EmailForm) -> BaseResponse:
    person, email = me(), form.email.data or None
    now = clock.now()
    _count_letter(now)
    actions.change_email(db(), person, email, now)
    if not email:
        security_event(SecurityEvent.EMAIL_CHANGED, Outcome.DONE, who=person.id)
    flash_done(link_is_on_its_way(email) if email else _("You will get no more e-mails. Notices on the site stay."))
    return _go_back()


def _go_back() -> BaseResponse:
    """To the page that asked for an address, where somebody came from there."""
    profile = url_for("people.profile")
    return redirect(safe_next(request.args.get("next"), profile, settings().site.folder), 303)
