"""db, user, tools, demo: the commands that change what is stored."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning
from pathlib import Path
from typing import Any

import click
from click import UsageError

from portal.cli.base import load_settings, open_database, open_portal
from portal.core.terminal import print_note, print_success


@click.group()
def db() -> None:
    """Bring the database's tables forward or back; back it up and restore it."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to the version this program needs. Safe to repeat.

    \b
    Example: portal db upgrade
    """
    from portal.core import migrations

    engine = open_database().engine
    before = migrations.present(engine)
    migrations.upgrade(engine)
    after = migrations.present(engine)
    print_success(f"The tables are at {after}." if before != after else f"The tables were at {after} already.")


@db.command("downgrade")
@click.argument("version", default="-1")
@click.option("--yes", is_flag=True, help="Do not ask.")
def db_downgrade(version: str, yes: bool) -> None:
    """Take the tables one version back, or to VERSION ("base": remove all). Data in removed columns is lost.

    \b
    Example: portal db downgrade -- -1
    """
    from portal.core import migrations

    if not yes:
        click.confirm("Data in columns and tables that go is lost. Go on?", abort=True)
    engine = open_database().engine
    migrations.downgrade(engine, version)
    print_success(f"The tables are at {migrations.present(engine) or 'nothing'}.")


@db.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def db_backup(file: Path) -> None:
    """Write the database and the secret key to one FILE, while the site runs.

    \b
    Example: portal db backup /var/backups/portal/today.tar.gz
    """
    from portal import backup

    database = open_database()
    about = backup.create(load_settings(), database, file)
    backup.note_made(database)
    size = file.stat().st_size / 1_000_000
    print_success(f"{file}: the {about['database']} database at {about['version'] or 'nothing'}, {size:.1f} MB")
    print_note("It holds e-mail addresses and the key of every session: keep it where nobody else reads it.")


@db.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def db_restore(file: Path) -> None:
    """Bring a backup from FILE into an empty database of the same kind, and its secret key under data_dir.

    \b
    Example: portal db restore /var/backups/portal/today.tar.gz
    """
    from portal import backup
    from portal.core import migrations

    about = backup.restore(load_settings(), open_database(), file)
    print_success(f"The {about['database']} database is as it was on {about['made_at']}, at {about['version']}.")
    if about["version"] != migrations.newest():
        print_note("Run: portal db upgrade")


@click.group()
def user() -> None:
    """Make accounts, and help people who cannot get in, from the command line."""


@user.command("create")
@click.argument("name")
@click.option("--email", default="", help="The address for letters and for a forgotten password.")
@click.option("--role", "role", default="", metavar="SLUG", help="Appoint them to this role, such as portal-steward.")
@click.option("--password", envvar="PORTAL_PASSWORD", help="Asked for when not given; or PORTAL_PASSWORD.")
def user_create(name: str, email: str, role: str, password: str | None) -> None:
    """Make an account. The first portal steward of a site is made this way.

    \b
    Example: portal user create ana --email ana@example.org --role portal-steward
    """
    from portal.core import clock
    from portal.people.actions import create_person
    from portal.roles.actions import appoint
    from portal.roles.content import RoleDefinitions

    portal, now = open_portal(needs_content=False), clock.now()
    definitions = portal.library.get(RoleDefinitions) if role else RoleDefinitions({})
    if role and role not in definitions.by_slug:
        raise UsageError(f"there is no role {role}; there are: {', '.join(definitions.by_slug)}")
    password = password or _asked_for_password()
    with portal.unit_of_work() as session:
        account: dict[str, Any] = {"is_email_known": True, "site_name": portal.config.site.name}
        person = create_person(session, name, name, password, email or None, "", now, **account)
        session.flush()
        if role:
            appoint(session, definitions.get(role), person, None, "Appointed from the command line.", None, now)
    print_success(f"{person.username} can sign in at {portal.config.site.url}.")


@user.command("reset-second-factor")
@click.argument("name")
def user_reset_second_factor(name: str) -> None:
    """Let NAME sign in by the password alone again, who has lost app and recovery codes.

    Make sure first that it is them who ask, such as by a call: whoever has only the password asks for this, too. They
    are told by e-mail, and it stands among what happened at the doors.

    \b
    Example: portal user reset-second-factor ana
    """
    from portal.authenticators.actions import remove_second_factor
    from portal.core import clock
    from portal.core.security_log import Outcome, SecurityEvent, security_event
    from portal.people.queries import by_username

    portal = open_portal(needs_content=False)
    with portal.unit_of_work() as session:
        person = by_username(session, name)
        if person is None:
            raise UsageError(f"there is nobody called {name}")
        had_one = remove_second_factor(session, person, clock.now())
        username = person.username
        if had_one:
            security_event(SecurityEvent.SECOND_FACTOR_RESET, Outcome.DONE, about=person.id, whence="command line")
    if not had_one:
        print_note(f"{username} has no second factor.")
        return
    print_success(f"{username} signs in by the password alone.")


@click.group()
def tools() -> None:
    """Bring the community's tools in."""


@tools.command("import")
@click.argument("places", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--take-over", is_flag=True, help="Replace tools that came from other files or addresses, too.")
def tools_import(places: tuple[str, ...], take_over: bool) -> None:
    """Read toolinfo records (1.0 to 1.2.2) from files and addresses: one record, a list, or a list of addresses.

    What can be mended is mended and told; what cannot is refused with the reason. Safe to repeat: a record that is
    known is updated, and what people said of a tool here stays. A tool belongs to the file or address it came from:
    records of its name from elsewhere are refused without --take-over. Exit 1 when something was refused or could not
    be read.

    \b
    Examples: portal tools import toolinfo.json
              portal tools import https://tools.example.org/toolinfo.json more/*.json
              portal tools import --take-over https://new.example.org/toolinfo.json
    """
    from portal.tools_import import run

    sys.exit(0 if run(open_portal(needs_content=False), list(places), take_over=take_over) else 1)


@click.group()
def demo() -> None:
    """An invented community, to look around in."""


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Exit 0 without a word of blame when there is data already.")
def demo_load(if_empty: bool) -> None:
    """Load the demo community into an empty database of a site on loopback.

    \b
    Example: portal demo load
    """
    from portal import demo as community

    portal = open_portal()
    if if_empty and not community.is_empty(portal):
        print_note("There is data already: the demo community is left out.")
        return
    for line in community.load(portal):
        print_success(line)


def _asked_for_password() -> str:
    # Without a terminal getpass warns and then shows what is typed: that warning is a refusal here.
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
        except GetPassWarning:
            raise UsageError("there is no terminal to ask for a password on; put it into PORTAL_PASSWORD") from None
