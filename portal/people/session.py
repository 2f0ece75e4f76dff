"""Who is signed in. The session is renewed at every sign-in; a new password ends all older ones."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from portal.core.drafts import BROWSER
from portal.core.web import db, settings
from portal.people import queries, rules
from portal.people.models import Person
from portal.people.rate_limit import subject_of


def install(app: Flask) -> None:
    """Let Flask-Login find people by what their session says."""
    manager = LoginManager(app)
    manager.login_view = "people.sign_in"
    manager.login_message = None
    manager.session_protection = None
    manager.user_loader(_load)


def sign_in(person: Person) -> None:
    """Start a new session for this person; of the old one stays the chosen language, and what finds its drafts."""
    kept = {name: session[name] for name in ("language", BROWSER) if session.get(name)}
    session.clear()
    session.permanent = True
    session.update(kept)
    login_user(person)


def sign_out() -> None:
    """End this session."""
    logout_user()
    session.clear()


def choose_language(code: str) -> None:
    """From the next page on this browser reads this language."""
    session["language"] = code


def tries(what: str, name: str = "") -> dict[str, int]:
    """The subjects under which a try of this kind counts, each with its limit in `tries_window()`.

    Somebody who guesses from one place is stopped soon, without locking out the owner of the name, who is elsewhere.
    """
    limit = settings().limits.sign_in_tries
    secret = current_app.config["SECRET_KEY"]
    name, network = rules.tidy_username(name), rules.network_of(request.remote_addr or "")
    limits = {subject_of(secret, what, network): limit * rules.FROM_ONE_NETWORK}
    if name:
        limits[subject_of(secret, what, network, name)] = limit
        limits[subject_of(secret, what, "anywhere", name)] = limit * rules.FROM_EVERYWHERE
    return limits


def tries_window() -> timedelta:
    """How long a try counts."""
    return timedelta(minutes=settings().limits.sign_in_minutes)


def me() -> Person:
    """The person who is signed in. Only behind the guard `signed_in`."""
    person: Person = current_user._get_current_object()
    return person


def _load(token: str) -> Person | None:
    person_id, _, epoch = token.partition(".")
    if not person_id.isdecimal():
        return None
    person = queries.by_id(db(), int(person_id))
    return person if person and person.is_active and str(person.session_epoch) == epoch else None
