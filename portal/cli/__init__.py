"""The command `portal`.

`portal --help` imports only what it shows: the modules of commands import click and what writes to the terminal, and
each command brings in what it needs when it runs.
"""

from __future__ import annotations

import click

from portal.cli.authoring import content
from portal.cli.base import HELP, CommandGroup
from portal.cli.config import config
from portal.cli.data import db, demo, tools, user
from portal.cli.doctor import doctor
from portal.cli.languages import language
from portal.cli.running import serve, sync, work
from portal.cli.search import search


@click.group(
    cls=CommandGroup,
    context_settings=HELP,
    commands=[serve, work, sync, config, content, language, db, search, user, tools, demo, doctor],
)
@click.version_option(package_name="contributor-portal")
def main() -> None:
    """Onboarding and mentoring for technical communities.

    Settings come from the file that PORTAL_CONFIG names, else ./config.toml, else the defaults.
    """
