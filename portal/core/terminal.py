"""What commands write: colour on a terminal, plain text into a file."""

from __future__ import annotations

import sys

import click

GOOD, BAD = "✓", "✗"
ERASE = "\x1b[2K"


def good(text: str) -> None:
    """Say that something went well."""
    click.echo(f"{click.style(GOOD, fg='green')} {text}")


def bad(text: str) -> None:
    """Say that something went wrong."""
    click.echo(f"{click.style(BAD, fg='red')} {text}")


def note(text: str) -> None:
    """Say something beside the matter."""
    click.echo(click.style(text, dim=True))


def is_terminal() -> bool:
    """Whether a person looks on: then progress is shown."""
    return sys.stdout.isatty()


def passing(text: str) -> None:
    """Say on a terminal what the next line said will overwrite, such as how far something has come."""
    if is_terminal():
        click.echo(f"\r{ERASE}{text}\r", nl=False)


def passed() -> None:
    """Take away what was said in passing."""
    if is_terminal():
        click.echo(ERASE, nl=False)
