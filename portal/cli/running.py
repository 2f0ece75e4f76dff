"""serve, work, sync: the commands that keep a site going."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from click import UsageError

from portal.cli.base import open_portal
from portal.core.terminal import print_failure, print_note, print_success

if TYPE_CHECKING:
    from portal.core.jobs import Portal

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--no-worker", is_flag=True, help="Serve pages only; run `portal work` elsewhere.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve the site, with its worker in the same process.

    \b
    Example: portal serve --host 0.0.0.0 --port 8080
    """
    from portal.server import Server, listening_problem

    if problem := listening_problem(host, port):
        print_failure(f"Cannot listen on {host}, port {port}: {problem}.")
        print_note(f"Is the portal running already? Another port: portal serve --port {port + 1}")
        sys.exit(1)
    portal = open_portal()
    _refuse_other_version(portal)
    _refuse_known_passwords(portal, host)
    _warn_of_other_address(portal, host, port)
    _warn_of_open_internet(portal, host)
    announce = _announcement(portal, host, port)
    portal.database.dispose()
    Server(host, port, with_worker=not no_worker, announce=lambda: click.echo(announce)).run()


@click.command()
def work() -> None:
    """Run the worker alone: syncs, letters, everything that is due.

    \b
    Example: portal work        (beside `portal serve --no-worker`, as often as you like)
    """
    portal = open_portal()
    _refuse_other_version(portal)
    queue = portal.app.extensions["portal.queue"]
    queue.catch_up()
    print_success(f"Working with {portal.config.jobs.workers} threads; stop with Ctrl-C.")
    queue.consumer_of_its_own(portal.config.jobs.workers).run()


@click.command()
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

    portal = open_portal(needs_content=False)
    known = [source.slug for source in portal.config.sources]
    unknown = [slug for slug in sources if slug not in known]
    if unknown:
        raise UsageError(f"no source is called {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
    sys.exit(0 if run(portal, sources or tuple(known), full=full, as_json=as_json) else 1)


def _refuse_other_version(portal: Portal) -> None:
    """No page and no sweep is right on other tables than those of this program."""
    from portal.core import migrations

    if advice := migrations.advice(migrations.present(portal.database.engine)):
        print_failure("The database is not at the version this program needs.")
        print_note(advice)
        sys.exit(1)


def _refuse_known_passwords(portal: Portal, host: str) -> None:
    """A site for others must not let anybody in as its admin; on this machine's own network that is a warning."""
    from portal import demo as community

    if (portal.config.site.is_local and host in LOOPBACK) or not community.is_open_to_all(portal):
        return
    if portal.config.site.is_local:
        print_note("Whoever reaches this address can sign in as admin: everybody knows the passwords of the demo.")
        return
    print_failure("The demo community lives in this database, and everybody knows its passwords.")
    print_note("Begin with an empty database: another [database] url, then portal db upgrade.")
    sys.exit(1)


def _warn_of_other_address(portal: Portal, host: str, port: int) -> None:
    if portal.config.site.behind_proxies:
        return  # whoever comes in, comes by the address of the proxy
    if portal.config.site.is_local and host not in LOOPBACK:
        print_note(
            f"[site] url is {portal.config.site.url}: links in letters will lead there. Set it to the public address."
        )
    elif portal.config.site.is_local and not portal.config.site.url.endswith(f":{port}"):
        print_note(
            f"[site] url says {portal.config.site.url}, but the port is {port}: links in letters will not lead here."
        )


def _warn_of_open_internet(portal: Portal, host: str) -> None:
    if host not in LOOPBACK and not portal.config.site.behind_proxies:
        print_note(
            "This speaks plain HTTP and answers eight requests at once: good for a network of one's own. "
            "For the internet put a server with TLS in front of it, as /help/running-the-portal shows."
        )


def _announcement(portal: Portal, host: str, port: int) -> str:
    from portal import demo as community

    shown, folder = f"[{host}]" if ":" in host else host, portal.config.site.folder
    address = click.style(f"http://{shown}:{port}{folder}", bold=True)
    lines = [f"{portal.config.site.name} is at {address}  (stop with Ctrl-C)"]
    return "\n".join(lines + community.sign_ins(portal))
