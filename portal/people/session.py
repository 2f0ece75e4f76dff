"""Who is signed in. A session is a row, found by the random id in the cookie: made anew at every sign-in and whenever
somebody shows again who they are, so that what the cookie held before is worth nothing after.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, logout_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import NeedsSignIn
from portal.core.drafts import BROWSER
from portal.core.errors import NotAllowed
from portal.core.formats import exact
from portal.core.i18n import _
from portal.core.returned_forms import PROOF_PAGE
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, is_reading, portal, safe_next, settings
from portal.people import actions, known_devices, queries, rules, session_rows
from portal.people.devices import device_in_words
from portal.people.models import Person
from portal.people.rate_limit import subject_of

log = structlog.get_logger()
HALF_MINUTES = 10
"""So long somebody has for the second factor, after the first."""
_USER, _HALF = "_user_id", "half_signed_in"


class Proof(StrEnum):
    """By what somebody has shown who they are."""

    PASSWORD = "password"  # noqa: S105  (the word for it)
    LETTER = "letter"
    """A link in a mail to their confirmed address."""
    PROVIDER = "provider"
    PASSKEY = "passkey"
    """Two factors at once: what they have, and what it asks them for."""
    CODE = "code"
    """Of an app, which changes every half minute."""
    RECOVERY_CODE = "recovery_code"


def install(app: Flask) -> None:
    """Let Flask-Login find people by what their session says."""
    manager = LoginManager(app)
    manager.login_view = "people.sign_in"
    manager.login_message = None
    manager.session_protection = None
    manager.user_loader(_load)
    app.extensions[PROOF_PAGE] = "people.prove"
    app.after_request(known_devices.give_cookie)
    app.teardown_request(_note_visit)


def first_proof(person: Person, proof: Proof, wanted: str | None = None) -> Response:
    """Go on with somebody who has shown by a first factor who they are: signed in, or to the second one they need.

    `wanted`: where they go on to, in place of what the address of this page says. Raises NotAllowed for who is
    suspended.
    """
    _refuse_suspended(person)
    needed = next((one for one in portal().features.second_factors if one.needed_by(db(), person)), None)
    if needed is None or proof is Proof.PASSKEY:
        sign_in(person, proof)
        return go_on(wanted)
    with _writing() as work:
        _begin_anew(work)
    session[_HALF] = [person.id, person.session_epoch, proof, clock.now().timestamp()]
    return redirect(url_for(needed.endpoint, next=wanted or request.args.get("next")), 303)


def half_signed_in() -> Person | None:
    """Who has shown the first factor in this browser a moment ago, and not the second; None for nobody."""
    person_id, epoch, _proof, at = session.get(_HALF) or (0, 0, "", 0)
    if clock.now().timestamp() > at + HALF_MINUTES * 60:
        return None
    person = db().get(Person, person_id)
    return person if person and person.is_active and person.session_epoch == epoch else None


def second_proof(person: Person, proof: Proof) -> Response:
    """Sign in somebody who is half signed in and has shown the second factor, too. Raises NeedsSignIn for others."""
    half = half_signed_in()
    if half is None or half.id != person.id:
        raise NeedsSignIn
    sign_in(person, Proof(session[_HALF][2]), proof)
    return go_on()


def sign_in(person: Person, *proofs: Proof) -> None:
    """Start a new session for this person, who has shown who they are by `proofs`. The one this browser had ends.

    Where they have not signed in on this device before they are told by letter, but for the very first time, and where
    a letter brought them here. Raises NotAllowed for who is suspended, with why, until when, and whom to ask.
    """
    _refuse_suspended(person)
    token, now = _new_token(person), clock.now()
    is_known = Proof.LETTER in proofs or _is_here(person) or known_devices.word_of_device(person)
    known_devices.remember_device(person)
    with _writing() as work:
        if not is_known and queries.sessions_of(work, person.id):
            device = {"device": _device(), "network": here()}
            actions.write_letter(work, person, actions.NEW_DEVICE_LETTER, device, now)
        _begin_anew(work)
        session_rows.open_session(work, person, mark_of(token), proofs, _device(), here(), now)
    session.permanent = True
    session[_USER], g.proved_at, g._login_user = token, now, person


def prove_again(proof: Proof) -> None:
    """Who is signed in has just shown again that it is them. A copy of the cookie that somebody took is worth nothing
    from now on. Raises NeedsSignIn when the session has been ended at this moment.
    """
    token, now = _new_token(me()), clock.now()
    with _writing() as work:
        if not session_rows.prove_session(work, current_mark(), mark_of(token), proof, now):
            raise NeedsSignIn
    session[_USER], g.proved_at = token, now


def sign_out() -> None:
    """End this session."""
    with _writing() as work:
        session_rows.end_session(work, current_mark(), clock.now())
    logout_user()
    session.clear()


def current_mark() -> str:
    """By this the row of this browser's session is known; empty where nobody is signed in."""
    token = session.get(_USER)
    return mark_of(str(token)) if token else ""


def mark_of(token: str) -> str:
    """What is stored of the id in a cookie."""
    return hashlib.sha256(f"session:{token}".encode()).hexdigest()


def go_on(wanted: str | None = None) -> Response:
    """To the page that asked to sign in first (`wanted`, or `next`), else to what is next for this person."""
    has_dashboard = "home.dashboard" in current_app.view_functions
    landing = url_for("home.dashboard" if has_dashboard else "people.profile")
    return redirect(safe_next(wanted or request.args.get("next"), landing, settings().site.folder), 303)


def choose_language(code: str) -> None:
    """From the next page on this browser reads this language."""
    session["language"] = code


def tries(what: str, name: str = "") -> dict[str, int]:
    """The subjects under which a try of this kind counts, each with its limit in `tries_window()`.

    Somebody who guesses from one place is stopped soon, without locking out the owner of the name, who is elsewhere.
    """
    limit = settings().limits.sign_in_tries
    secret = current_app.config["SECRET_KEY"]
    name, network = rules.tidy_username(name), here()
    limits = {subject_of(secret, what, network): limit * rules.FROM_ONE_NETWORK}
    if name:
        limits[subject_of(secret, what, network, name)] = limit
        limits[_everywhere(what, name)] = limit * rules.FROM_EVERYWHERE
    return limits


def sign_in_tries(name: str, person: Person | None, *, is_known_network: bool) -> dict[str, int]:
    """The same for a sign-in under a name, which is this person's: who is known on this device has tries of their own
    there, and whom this network has brought before is not stopped by those who guess from everywhere else.
    """
    secret, limit = current_app.config["SECRET_KEY"], settings().limits.sign_in_tries
    if word := known_devices.word_of_device(person):
        return {subject_of(secret, "device", word): limit}
    limits = tries("sign-in", name)
    if is_known_network:
        del limits[_everywhere("sign-in", rules.tidy_username(name))]
    return limits


def here() -> str:
    """The network from which this is asked."""
    return rules.network_of(request.remote_addr or "")


def tries_window() -> timedelta:
    """How long a try counts."""
    return timedelta(minutes=settings().limits.sign_in_minutes)


def me() -> Person:
    """The person who is signed in. Only behind the guard `signed_in`."""
    person: Person = current_user._get_current_object()
    return person


def _load(token: str) -> Person | None:
    found = queries.signed_in(db(), mark_of(token))
    if found is None:
        return None
    person, now = found.person, clock.now()
    if person.is_suspended(now) or rules.is_over(found.created_at, found.last_seen_at, settings().sessions, now):
        return None
    g.proved_at = found.proved_at
    g.visit = (found.session_id, now) if now > found.last_seen_at + session_rows.BETWEEN_VISITS else None
    return person


def _note_visit(_error: BaseException | None) -> None:
    """Note that the session is used: behind the answer, in a unit of work of its own, for most pages only read."""
    visit: tuple[int, datetime] | None = g.pop("visit", None)
    if visit is None or request.method in {"HEAD", "OPTIONS"}:
        return
    try:
        with portal().unit_of_work() as work:
            session_rows.note_visit(work, *visit, network=here())
    except SQLAlchemyError:  # The next page will.
        log.warning("visit not noted", exc_info=True)


def _refuse_suspended(person: Person) -> None:
    until = person.suspended_until
    if until is None or not person.is_suspended(clock.now()):
        return
    security_event(SecurityEvent.SIGN_IN, Outcome.REFUSED, who=person.id, why="suspended")
    sentence = _(
        "Your account is suspended until %(moment)s. The reason: %(reason)s. If you see it otherwise, ask %(contact)s.",
        moment=exact(until),
        reason=person.suspended_because.rstrip(".!"),
        contact=settings().site.contact or _("the stewards of this site"),
    )
    raise NotAllowed(sentence, code="account_suspended")


@contextmanager
def _writing() -> Iterator[Session]:
    """The unit of work of this request; one of its own where the request only reads, as when a provider sends somebody
    back here.
    """
    if is_reading():
        with portal().unit_of_work() as work:
            yield work
    else:
        yield db()


def _begin_anew(work: Session) -> None:
    """End the session that this browser had. Of its cookie stays the chosen language, and what finds its drafts."""
    if mark := current_mark():
        session_rows.end_session(work, mark, clock.now())
    kept = {name: session[name] for name in ("language", BROWSER) if session.get(name)}
    session.clear()
    session.update(kept)


def _is_here(person: Person) -> bool:
    """Whether this person is signed in in this browser already, as who has just chosen a new password."""
    return bool(current_user.is_authenticated and current_user.id == person.id)


def _everywhere(what: str, name: str) -> str:
    return subject_of(current_app.config["SECRET_KEY"], what, "anywhere", name)


def _new_token(person: Person) -> str:
    return f"{person.id}.{secrets.token_urlsafe(32)}"


def _device() -> str:
    return device_in_words(request.headers.get("User-Agent", ""))
