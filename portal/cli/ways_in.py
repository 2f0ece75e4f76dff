"""user …: what somebody signs in with, listed and taken away. Each is told by e-mail, and noted among what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from click import UsageError

from portal.cli.base import open_portal
from portal.core.terminal import print_note, print_success

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.core.jobs import Portal
    from portal.people.models import Person

WHENCE = "command line"


@click.command("ways-in")
@click.argument("name")
def ways_in(name: str) -> None:
    """List what NAME signs in with, each with its number.

    \b
    Example: portal user ways-in ana
    """
    from portal.authenticators.passkeys.queries import passkeys_of
    from portal.authenticators.queries import has_app
    from portal.people.queries import sessions_of
    from portal.single_sign_on.queries import links_of

    with _account(open_portal(needs_content=False), name) as (session, person):
        print_note(f"password: {'yes' if person.has_password else 'none'}")
        print_note(f"second factor: {'an app for codes' if has_app(session, person.id) else 'none'}")
        for key in passkeys_of(session, person.id):
            print_note(f"passkey {key.id}: {key.name}, added {key.added_at:%Y-%m-%d}")
        for link in links_of(session, person.id):
            print_note(f"account elsewhere {link.id}: {link.provider}, {link.username or link.subject}")
        living = [one for one in sessions_of(session, person.id) if one.ended_at is None]
        print_note(f"sessions: {len(living)}")


@click.command("remove-passkeys")
@click.argument("name")
@click.option("--only", type=int, help="The one with this number, see ways-in.")
def remove_passkeys(name: str, only: int | None) -> None:
    """Take all passkeys of NAME away, or one, such as that of a lost phone. Make sure first that it is them who ask.

    \b
    Example: portal user remove-passkeys ana --only 3
    """
    from portal.authenticators.passkeys.actions import take_away_passkeys
    from portal.core import clock
    from portal.core.security_log import SecurityEvent

    with _account(open_portal(needs_content=False), name) as (session, person):
        number = take_away_passkeys(session, person, clock.now(), only=only)
        _tell(number, "passkeys", SecurityEvent.PASSKEY_REMOVED, person)


@click.command("unlink")
@click.argument("name")
@click.option("--only", type=int, help="The one with this number, see ways-in.")
def unlink(name: str, only: int | None) -> None:
    """Let no account elsewhere sign NAME in any more, or one less. Make sure first that it is them who ask.

    \b
    Example: portal user unlink ana --only 2
    """
    from portal.core import clock
    from portal.core.security_log import SecurityEvent
    from portal.single_sign_on.actions import take_away_links

    portal = open_portal(needs_content=False)
    providers = {one.slug: one for one in portal.config.sign_in}
    with _account(portal, name) as (session, person):
        number = take_away_links(session, person, providers, clock.now(), only=only)
        _tell(number, "accounts elsewhere", SecurityEvent.PROVIDER_UNLINKED, person)


@click.command("end-sessions")
@click.argument("name")
def end_all_sessions(name: str) -> None:
    """Sign NAME out everywhere, such as when somebody else got into the account.

    \b
    Example: portal user end-sessions ana
    """
    from portal.admin.actions import SIGNED_OUT_LETTER
    from portal.core import clock
    from portal.core.security_log import SecurityEvent
    from portal.people.actions import end_sessions, write_letter

    with _account(open_portal(needs_content=False), name) as (session, person):
        number = end_sessions(session, person, clock.now())
        if number:
            write_letter(session, person, SIGNED_OUT_LETTER, {}, clock.now())
        _tell(number, "sessions", SecurityEvent.SESSIONS_ENDED, person)


@click.command("reset-password")
@click.argument("name")
@click.option("--letter", is_flag=True, help="Send the link to their confirmed address in place of showing it.")
def reset_password(name: str, letter: bool) -> None:
    """Show a link by which NAME chooses a new password, once. Make sure first that it is them who ask.

    Whoever has the link has the account, but for a second factor: hand it over where nobody else reads it.

    \b
    Examples: portal user reset-password ana
              portal user reset-password ana --letter
    """
    from portal.core import clock
    from portal.core.security_log import Outcome, SecurityEvent, security_event
    from portal.people import tokens
    from portal.people.actions import ask_for_reset

    portal = open_portal(needs_content=False)
    with _account(portal, name) as (session, person):
        if letter and not person.email:
            raise UsageError(f"{person.username} has no confirmed address; leave --letter out and hand the link over")
        security_event(SecurityEvent.PASSWORD_RESET_ASKED, Outcome.DONE, about=person.id, whence=WHENCE)
        if letter:
            ask_for_reset(session, person.username, clock.now())
            print_success(f"A link is on its way to the address of {person.username}.")
            return
        token = tokens.make(tokens.Purpose.RESET, person, str(portal.app.config["SECRET_KEY"]))
        with portal.app.app_context():
            link = portal.app.url_for("people.reset_password", token=token, _external=True)
        print_success(f"{link}")
        print_note(f"It works once, within {portal.config.limits.reset_minutes} minutes.")


COMMANDS = (ways_in, remove_passkeys, unlink, end_all_sessions, reset_password)


@contextmanager
def _account(portal: Portal, name: str) -> Iterator[tuple[Session, Person]]:
    """The account of this name in a unit of work. Raises UsageError when there is none."""
    from portal.people.queries import by_username

    with portal.unit_of_work() as session:
        person = by_username(session, name)
        if person is None:
            raise UsageError(f"there is nobody called {name}")
        yield session, person


def _tell(number: int, what: str, event: str, person: Person) -> None:
    from portal.core.security_log import Outcome, security_event

    if not number:
        print_note(f"{person.username} has none of these {what}. See: portal user ways-in {person.username}")
        return
    security_event(event, Outcome.DONE, about=person.id, whence=WHENCE, number=number)
    print_success(f"{person.username} has lost {number} of their {what}.")
