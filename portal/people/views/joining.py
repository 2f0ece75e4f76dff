"""Making an account from a form, whatever signs in with it afterwards."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from portal.core import clock
from portal.core.errors import Invalid
from portal.core.forms import Form, text_of
from portal.core.web import db, keep_writes, library, reading, settings
from portal.people import actions, queries, rate_limit, session
from portal.people.invitations import doors
from portal.people.invitations.rules import Invited
from portal.people.kept_names import KeptNames
from portal.people.models import Person


def create_from(form: Any, *, password: str | None, is_email_known: bool = False) -> Person:
    """The account that this form asks for. Whoever came by an invitation uses it up; an address that it went to is
    known. Raises Invalid for what cannot be had, TooMany, NotAllowed where one needs an invitation, Conflict when
    somebody else has used it up at this moment.
    """
    now, subjects = clock.now(), session.tries("sign-up")
    invited = doors.invitation_here()
    doors.require_invitation(invited)
    is_email_known = is_email_known or is_known_by(invited, form)
    with reading() as looking:
        rate_limit.enforce(looking, subjects, session.tries_window(), now)
    typed = text_of(form.username), text_of(form.display_name), password, form.email.data or None
    try:
        more: dict[str, Any] = {"site_name": settings().site.name, "kept_names": library().get(KeptNames)}
        more |= {"time_zone": text_of(form.time_zone), "is_email_known": is_email_known}
        person = actions.create_person(db(), *typed, form.language.data, now, **more)
        doors.come_in(db(), invited, person)
        return person
    except Invalid:
        # It has cost a hash, or told that a name is taken: that counts as a try too.
        keep_writes()
        raise
    finally:
        rate_limit.record_attempt(db(), subjects, now)


def is_known_by(invited: Invited | None, form: Any) -> bool:
    """Whether the address of this form is the one to which the invitation went."""
    return invited is not None and invited.proves(form.email.data)


def ask_for_invitation() -> tuple[str, int]:
    """The page for who would sign up, but needs an invitation."""
    return render_template("invitations/needed.html"), 403 if request.method == "POST" else 200


def object_to_names(form: Form) -> None:
    """Say of a form that comes back anyway what only the site knows against its names.

    So that nobody mends what the form itself refuses only to hear next that the name is taken. That tells something,
    so it counts as a try. Raises TooMany.
    """
    typed, subjects = (text_of(form["username"]), text_of(form["display_name"])), session.tries("sign-up")
    rate_limit.enforce(db(), subjects, session.tries_window(), clock.now())
    for field, objection in queries.objections_to_names(db(), *typed, library().get(KeptNames)):
        if not form[field].errors:
            form.refuse(field, objection)
    rate_limit.record_attempt(db(), subjects, clock.now())
    keep_writes()
