"""config: new. The command that writes the settings file of a new site."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.core.terminal import print_failure, print_note, print_success


@click.group()
def config() -> None:
    """Write the settings file."""


@config.command("new")
@click.argument("file", default="config.toml", type=click.Path(dir_okay=False, path_type=Path))
def config_new(file: Path) -> None:
    """Write FILE (config.toml): every setting with its default and what it means. A file that is there stays.

    \b
    Examples: portal config new
              portal config new /etc/portal/config.toml
    """
    from portal.core.config_file import example_settings

    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(example_settings())
    except FileExistsError:
        print_failure(f"{file} is there already, and stays as it is.")
        sys.exit(1)
    except OSError as error:
        print_failure(f"{file}: {error.strerror}")
        sys.exit(1)
    print_success(str(file))
    print_note("Change what you need there, then: portal doctor")
