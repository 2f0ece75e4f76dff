"""An invented community to look around in, made through the real actions, and real recorded changes."""

from __future__ import annotations

from collections.abc import Iterator

import click
from sqlalchemy import func, select

from portal.core import clock, indexing
from portal.core.errors import Conflict
from portal.core.jobs import Portal
from portal.demo import community, queue, tools
from portal.people import passwords
from portal.people.models import Person

SIGN_INS = ("newcomer", "mentor", "maintainer", "coordinator", "admin")


def load(portal: Portal) -> Iterator[str]:
    """Make the community, its queue and its tools; tells what was made.

    Raises Conflict when there is data already, or when the site's address is not on loopback: these passwords are known
    to everybody.
    """
    if not portal.config.site.is_local:
        raise Conflict("The demo is only for a site on this machine: [site] url is not on loopback.")
    if not is_empty(portal):
        raise Conflict("There is data already. The demo goes into an empty database only.")
    now = clock.now()
    yield queue.load(portal, now)
    yield tools.load(portal)
    # The people come last: while there are none, a load that was stopped half way can be repeated.
    yield community.load(portal, now)
    indexing.index_documents(portal)


def is_empty(portal: Portal) -> bool:
    """Whether nobody has an account yet."""
    with portal.database.session(read_only=True) as session:
        return not session.scalar(select(func.count()).select_from(Person))


def is_open_to_all(portal: Portal) -> bool:
    """Whether somebody of the demo can sign in with the password that everybody knows."""
    with portal.database.session(read_only=True) as session:
        hashes = session.scalars(select(Person.password_hash).where(Person.username.in_(SIGN_INS))).all()
    return any(passwords.matches(community.password(), password_hash) for password_hash in hashes)


def sign_ins(portal: Portal) -> list[str]:
    """The lines that tell how to sign in, while the demo community lives here."""
    if not portal.config.site.is_local:
        return []
    with portal.database.session(read_only=True) as session:
        present = session.scalars(select(Person.username).where(Person.username.in_(SIGN_INS))).all()
    if set(present) != set(SIGN_INS):
        return []
    names = ", ".join(click.style(name, bold=True) for name in SIGN_INS)
    return [f"Sign in as {names}; the password is {click.style(community.password(), bold=True)}"]
