"""search: what is found by search."""

from __future__ import annotations

import sys

import click

from portal.cli.base import open_portal


@click.group()
def search() -> None:
    """Look after the index of search."""


@search.command("rebuild")
def search_rebuild() -> None:
    """Index all changes, people and tools for search again. Help, tracks, roles and skills need none.

    Safe while the site runs: everything is found meanwhile, and workers may help. Stopped, it goes on where it was. A
    site never needs this for an upgrade: `portal db upgrade` asks the worker for what is to be done.

    \b
    Example: portal search rebuild
    """
    from portal.search_rebuild import run

    sys.exit(0 if run(open_portal()) else 1)
