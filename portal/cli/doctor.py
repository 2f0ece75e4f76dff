"""doctor: the command that looks at everything and changes nothing."""

from __future__ import annotations

import json
import sys

import click

from portal.core.terminal import print_failure, print_note, print_success


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Tell the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything the site needs, and say what to do where something is wrong. Exit 1 when something is.

    \b
    Example: portal doctor --json
    """
    from portal.doctor import run_checks

    results = []
    for result in run_checks():
        results.append(result)
        if not as_json:
            (print_success if result.ok else print_failure)(f"{click.style(result.name, bold=True)}: {result.detail}")
            if result.mend:
                print_note(f"    {result.mend}")
    ok = all(result.ok for result in results)
    if as_json:
        findings = [
            {"name": result.name, "ok": result.ok, "said": result.detail, "mend": result.mend} for result in results
        ]
        click.echo(json.dumps({"ok": ok, "findings": findings}, indent=2, ensure_ascii=False))
    sys.exit(0 if ok else 1)
