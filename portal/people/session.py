"""Who is signed in. The session is renewed at every sign-in; a new password ends all older ones."""

from __future__ import annotations

from flask import Flask, session
from flask_login import LoginManager, current_user, login_user, logout_user

from portal.core.web import db
from portal.people.models import Person


def install(app: Flask) -> None:
    """Let Flask-Login find people by what their session says."""
    manager = LoginManager(app)
    manager.login_view = "people.sign_in"
    manager.login_message = None
    manager.session_protection = None
    manager.user_loader(_load)


def sign_in(person: Person) -> None:
    """Start a new session for this person; nothing of the old one but the chosen language stays."""
    language = session.get("language")
    session.clear()
    session.permanent = True
    if language:
        session["language"] = language
    login_user(person)


def sign_out() -> None:
    """End this session."""
    logout_user()
    session.clear()


def me() -> Person:
    """The person who is signed in. Only behind the guard `signed_in`."""
    person: Person = current_user._get_current_object()
    return person


def _load(token: str) -> Person | None:
    person_id, _, epoch = token.partition(".")
    if not person_id.isdecimal():
        return None
    person = db().get(Person, int(person_id))
    return person if person and person.is_active and str(person.session_epoch) == epoch else None
