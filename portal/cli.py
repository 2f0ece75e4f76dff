"""The command `portal`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from click import UsageError
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock, migrations
from portal.core.config import ConfigError, load_config
from portal.core.content import BrokenContentError
from portal.core.database import Database
from portal.core.errors import PortalError
from portal.core.jobs import Portal
from portal.core.terminal import bad, good, note

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HELP = {"help_option_names": ["-h", "--help"]}


class Group(click.Group):
    """A group whose commands end with a sentence, not a traceback, when the site itself is at fault."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; exit 1 with what is wrong."""
        try:
            return super().invoke(context)
        except (ConfigError, BrokenContentError) as error:
            for problem in error.problems:
                bad(str(problem))
        except PortalError as error:
            bad(str(error.message))
        except SQLAlchemyError as error:
            bad(f"The database says: {error.__cause__ or error}")
            note("`portal doctor` tells more.")
        sys.exit(1)


@click.group(cls=Group, context_settings=HELP)
@click.version_option(package_name="contributor-portal")
def main() -> None:
    """Onboarding and mentoring for technical communities.

    Settings come from the file that PORTAL_CONFIG names, else ./config.toml, else the defaults.
    """


def _portal() -> Portal:
    from portal.app import create_app  # late: `portal --help` answers at once

    found: Portal = create_app().extensions["portal"]
    click.get_current_context().call_on_close(found.database.dispose)
    return found


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--no-worker", is_flag=True, help="Serve pages only; run `portal work` elsewhere.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve the site, with its worker in the same process.

    \b
    Example: portal serve --host 0.0.0.0 --port 8080
    """
    from portal.server import Server

    portal = _portal()
    if migrations.present(portal.database.engine) != migrations.newest():
        bad("The database is not at the version this program needs.")
        note("Run: portal db upgrade")
        sys.exit(1)
    _refuse_known_passwords(portal, host)
    _warn_of_other_address(portal, host, port)
    announce = _announcement(portal, host, port)
    portal.database.dispose()
    Server(host, port, with_worker=not no_worker, announce=lambda: click.echo(announce)).run()


@main.command()
def work() -> None:
    """Run the worker alone: syncs, letters, everything that is due.

    \b
    Example: portal work        (beside `portal serve --no-worker`, as often as you like)
    """
    portal = _portal()
    queue = portal.app.extensions["portal.queue"]
    queue.nudge_all()
    good(f"Working with {portal.config.jobs.workers} threads; stop with Ctrl-C.")
    queue.consumer_of_its_own(portal.config.jobs.workers).run()


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--full", is_flag=True, help="Walk everything the source's query matches, not only what moved.")
@click.option("--json", "as_json", is_flag=True, help="Tell the outcome as JSON.")
def sync(sources: tuple[str, ...], full: bool, as_json: bool) -> None:
    """Pull changes from the review servers now. Exit 1 when a source failed.

    \b
    Examples: portal sync
              portal sync gerrit --full
    """
    from portal.sync import run

    portal = _portal()
    known = [source.slug for source in portal.config.sources]
    unknown = [slug for slug in sources if slug not in known]
    if unknown:
        raise UsageError(f"no source is called {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
    sys.exit(0 if run(portal, sources or tuple(known), full=full, as_json=as_json) else 1)


@main.group()
def content() -> None:
    """Check the content files."""


@content.command("check")
def content_check() -> None:
    """Read every content file and tell each problem as file:line, what, how to mend it. Exit 1 when there is one.

    \b
    Example: portal content check
    """
    from portal.app import load_content

    load_content()
    good("Every content file is sound.")


@main.group()
def db() -> None:
    """Bring the database's tables forward or back."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to the version this program needs. Safe to repeat.

    \b
    Example: portal db upgrade
    """
    engine = _database().engine
    before = migrations.present(engine)
    migrations.upgrade(engine)
    after = migrations.present(engine)
    good(f"The tables are at {after}." if before != after else f"The tables were at {after} already.")


@db.command("downgrade")
@click.argument("version", default="-1")
@click.option("--yes", is_flag=True, help="Do not ask.")
def db_downgrade(version: str, yes: bool) -> None:
    """Take the tables one version back, or to VERSION ("base": remove all). Data in removed columns is lost.

    \b
    Example: portal db downgrade -- -1
    """
    if not yes:
        click.confirm("Data in columns and tables that go is lost. Go on?", abort=True)
    engine = _database().engine
    migrations.downgrade(engine, version)
    good(f"The tables are at {migrations.present(engine) or 'nothing'}.")


@main.group()
def user() -> None:
    """Make accounts from the command line."""


@user.command("create")
@click.argument("name")
@click.option("--email", default="", help="The address for letters and for a forgotten password.")
@click.option("--role", "role", default="", metavar="SLUG", help="Appoint them to this role, such as portal-steward.")
@click.password_option(envvar="PORTAL_PASSWORD", help="Asked for when not given; or PORTAL_PASSWORD.")
def user_create(name: str, email: str, role: str, password: str) -> None:
    """Make an account. The first portal steward of a site is made this way.

    \b
    Example: portal user create ana --email ana@example.org --role portal-steward
    """
    from portal.people.actions import create_person
    from portal.roles.actions import appoint
    from portal.roles.content import RoleDefinitions

    portal, now = _portal(), clock.now()
    definitions = portal.library.get(RoleDefinitions)
    if role and role not in definitions.by_slug:
        raise UsageError(f"there is no role {role}; there are: {', '.join(definitions.by_slug)}")
    with portal.unit_of_work() as session:
        person = create_person(session, name, name, password, email or None, "", now, is_email_known=True)
        session.flush()
        if role:
            appoint(session, definitions.get(role), person, None, "Appointed from the command line.", None, now)
    good(f"{person.username} can sign in at {portal.config.site.url}.")


@main.group()
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

    portal = _portal()
    if if_empty and not community.is_empty(portal):
        note("There is data already: the demo community is left out.")
        return
    for told in community.load(portal):
        good(told)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Tell the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything the site needs, and say what to do where something is wrong. Exit 1 when something is.

    \b
    Example: portal doctor --json
    """
    from portal.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            (good if finding.ok else bad)(f"{click.style(finding.name, bold=True)}: {finding.said}")
            if finding.mend:
                note(f"    {finding.mend}")
    ok = all(finding.ok for finding in findings)
    if as_json:
        names = ("name", "ok", "said", "mend")
        told = [{name: getattr(finding, name) for name in names} for finding in findings]
        click.echo(json.dumps({"ok": ok, "findings": told}, indent=2, ensure_ascii=False))
    sys.exit(0 if ok else 1)


def _database() -> Database:
    config = load_config()
    config.site.data_dir.mkdir(parents=True, exist_ok=True)
    import portal.app  # noqa: F401  (every feature's tables are known once the application is imported)

    database = Database(config.database_url(), config.database.pool_size)
    click.get_current_context().call_on_close(database.dispose)
    return database


def _refuse_known_passwords(portal: Portal, host: str) -> None:
    """A site for others must not let anybody in as its admin; on this machine's own network that is a warning."""
    from portal import demo as community

    if (portal.config.site.is_local and host in LOOPBACK) or not community.is_open_to_all(portal):
        return
    if portal.config.site.is_local:
        note("Whoever reaches this address can sign in as admin: everybody knows the passwords of the demo.")
        return
    bad("The demo community lives in this database, and everybody knows its passwords.")
    note("Begin with an empty database: another [database] url, then portal db upgrade.")
    sys.exit(1)


def _warn_of_other_address(portal: Portal, host: str, port: int) -> None:
    if portal.config.site.is_local and host not in LOOPBACK:
        note(f"[site] url is {portal.config.site.url}: links in letters will lead there. Set it to the public address.")
    elif portal.config.site.is_local and not portal.config.site.url.endswith(f":{port}"):
        note(f"[site] url says {portal.config.site.url}, but the port is {port}: links in letters will not lead here.")


def _announcement(portal: Portal, host: str, port: int) -> str:
    from portal import demo as community

    shown = f"[{host}]" if ":" in host else host
    lines = [f"{portal.config.site.name} is at {click.style(f'http://{shown}:{port}', bold=True)}  (stop with Ctrl-C)"]
    return "\n".join(lines + community.sign_ins(portal))
