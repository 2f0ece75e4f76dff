"""What commands write: colour on a terminal, plain text into a file."""

from __future__ import annotations

import sys

import click

GOOD, BAD = "✓", "✗"
ERASE = "\x1b[2K"


def print_success(text: str) -> None:
    """Say that something went well."""
    click.echo(f"{click.style(GOOD, fg='green')} {text}")


def print_failure(text: str) -> None:
    """Say that something went wrong."""
    click.echo(f"{click.style(BAD, fg='red')} {text}")


def print_note(text: str) -> None:
    """Say something beside the matter."""
    click.echo(click.style(text, dim=True))


def is_terminal() -> bool:
    """Whether a person looks on: then progress is shown."""
    return sys.stdout.isatty()


def show_progress(text: str) -> None:
    """Say on a terminal what the next line said will overwrite, such as how far something has come."""
    if is_terminal():
        click.echo(f"\r{ERASE}{text}\r", nl=False)


def clear_progress() -> None:
    """Take away what was said in passing."""
    if is_terminal():
        click.echo(ERASE, nl=False)
