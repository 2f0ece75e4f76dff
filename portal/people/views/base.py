"""What the views of this feature share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.errors import TooMany
from portal.core.feature import SignInWay
from portal.core.forms import Form, text_of
from portal.core.i18n import _
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, keep_writes, library, portal, reading, settings
from portal.people import actions, passwords, queries, rate_limit
from portal.people.kept_names import KeptNames
from portal.people.models import Person
from portal.people.session import here, sign_in_tries, tries_window

blueprint = Blueprint("people", __name__, url_prefix="/people")


def page(template: str, form: Form, **values: Any) -> tuple[str, int]:
    """The page with this form: 200 at first, else why it comes back."""
    return render_template(template, form=form, **values), form.status


def go(endpoint: str, **values: Any) -> Response:
    """Done: the browser asks for this page next."""
    return redirect(url_for(endpoint, **values), 303)


def link_is_on_its_way(email: str) -> str:
    """What is said once the letter is due that asks whether an address is right."""
    if not settings().mail.host:
        return _("This site sends no e-mails yet, so nothing reaches %(email)s for now.", email=email)
    return _("An e-mail is on its way to %(email)s. Open the link in it to confirm the address.", email=email)


def username_offered(form: Form, *also: str) -> str:
    """The username that this form could have had, near to what was typed or to one of `also`; empty without need."""
    if not form["username"].errors:
        return ""
    return queries.free_username_like(db(), (text_of(form["username"]), *also), library().get(KeptNames))


def recognise(username: str, password: str, event: SecurityEvent = SecurityEvent.SIGN_IN) -> Person | None:
    """The person with this username and password; None (noted as a failed `event`, and one more try counted) when
    there is none.

    The answer and the time it takes are the same for a name nobody has. Raises TooMany. No transaction is begun while
    the password is hashed, so that people at the door do not wait for each other.
    """
    with reading() as session:
        candidate = queries.by_username(session, username)
        is_known = queries.is_known_network(session, candidate.id if candidate else 0, here())
        subjects = sign_in_tries(username, candidate, is_known_network=is_known)
        _enforce(session, subjects, event, candidate)
    is_right = passwords.matches(password, candidate.password_hash if candidate else None)
    # Again, for many tries at once would all have passed the first look.
    _enforce(db(), subjects, event, candidate)
    person = db().get(Person, candidate.id) if candidate and is_right else None
    if person is None or candidate is None or person.password_hash != candidate.password_hash:
        rate_limit.record_attempt(db(), subjects, clock.now())
        keep_writes()
        security_event(event, Outcome.FAILED, about=candidate.id if candidate else None)
        return None
    actions.renew_hash(person, password)
    return person


def _enforce(session: Session, subjects: dict[str, int], event: SecurityEvent, candidate: Person | None) -> None:
    try:
        rate_limit.enforce(session, subjects, tries_window(), clock.now())
    except TooMany:
        security_event(event, Outcome.REFUSED, about=candidate.id if candidate else None)
        raise


def offered_ways() -> list[SignInWay]:
    """The ways to sign in that this site has beside the password."""
    return [way for way in portal().features.sign_in_ways if way.is_offered()]
