"""db, user, tools, demo: the commands that change what is stored."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning
from pathlib import Path
from typing import Any

import click
from click import UsageError

from portal.cli import ways_in
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
@click.option("--with-secret-key", is_flag=True, help="Put the secret key under data_dir in it, too.")
def db_backup(file: Path, with_secret_key: bool) -> None:
    """Write the database to one FILE, while the site runs.

    The secret key stays out, for it opens what is sealed in the database: keep a copy of it elsewhere, once.

    \b
    Example: portal db backup /var/backups/portal/today.tar.gz
    """
    from portal import backup

    database = open_database()
    about = backup.create(load_settings(), database, file, with_secret_key=with_secret_key)
    backup.note_made(database)
    size = file.stat().st_size / 1_000_000
    print_success(f"{file}: the {about['database']} database at {about['version'] or 'nothing'}, {size:.1f} MB")
    also = " and the secret key, which opens all that is sealed" if with_secret_key else ""
    print_note(f"It holds e-mail addresses{also}: keep it where nobody else reads it.")


@db.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def db_restore(file: Path) -> None:
    """Bring a backup from FILE into an empty database of the same kind, and its secret key, if it has one.

    \b
    Example: portal db restore /var/backups/portal/today.tar.gz
    """
    from portal import backup
    from portal.core import migrations

    config = load_settings()
    about = backup.restore(config, open_database(), file)
    print_success(f"The {about['database']} database is as it was on {about['made_at']}, at {about['version']}.")
    if about["version"] != migrations.newest():
        print_note("Run: portal db upgrade")
    if not backup.has_secret_key(config):
        print_note(f"There is no secret key. {backup.WITHOUT_KEY}")
    print_note("Then run: portal user erase-again. It deletes anew who has left since the backup was made.")


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


@user.command("erase-again")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def user_erase_again(file: Path | None) -> None:
    """After a restore: delete anew who has left since the backup was made.

    Who has left stands in erased-people.txt under data_dir, without names; FILE is such a list from elsewhere. The
    worker does the same when it starts; do it before the site is open again. Exit 1 when somebody could not go.

    \b
    Examples: portal user erase-again
              portal user erase-again /root/old/erased-people.txt
    """
    from portal.people import erasures

    portal = open_portal()
    number, refused = erasures.erase_again(portal, file or erasures.list_of(portal))
    erasures.complete_erasures(portal)
    print_success(f"Accounts that are gone again: {number}")
    if refused:
        numbers = ", ".join(map(str, refused))
        print_note(f"Not yet, for nobody else may appoint people: {numbers}. Appoint somebody, and run it again.")
        sys.exit(1)


@user.command("seal-anew")
@click.option("--old-key", envvar="PORTAL_OLD_SECRET_KEY", help="Asked for when not given; or PORTAL_OLD_SECRET_KEY.")
def user_seal_anew(old_key: str | None) -> None:
    """After the secret key has been changed: seal with the new one what the old one opens, which are the secrets of
    apps that make codes.

    \b
    Example: portal user seal-anew
    """
    from portal.authenticators.actions import seal_anew

    portal = open_portal(needs_content=False)
    old_key = old_key or _asked_for_key()
    with portal.unit_of_work() as session:
        done, left = seal_anew(session, old_key.strip(), portal.app.config["SECRET_KEY"])
    print_success(f"Sealed anew: {done}")
    if left:
        print_note(f"Opened by neither key: {left}. Those get in with a recovery code, and set the app up again.")


for _command in ways_in.COMMANDS:
    user.add_command(_command)


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


def _asked_for_key() -> str:
    return _asked("The old secret key", "there is no terminal to ask on; put it into PORTAL_OLD_SECRET_KEY")


def _asked_for_password() -> str:
    return _asked("Password", "there is no terminal to ask for a password on; put it into PORTAL_PASSWORD", again=True)


def _asked(what: str, otherwise: str, *, again: bool = False) -> str:
    # Without a terminal getpass warns and then shows what is typed: that warning is a refusal here.
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(click.prompt(what, hide_input=True, confirmation_prompt=again))
        except GetPassWarning:
            raise UsageError(otherwise) from None
