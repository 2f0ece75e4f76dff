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
    from portal.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            (print_success if finding.ok else print_failure)(f"{click.style(finding.name, bold=True)}: {finding.said}")
            if finding.mend:
                print_note(f"    {finding.mend}")
    ok = all(finding.ok for finding in findings)
    if as_json:
        names = ("name", "ok", "said", "mend")
        told = [{name: getattr(finding, name) for name in names} for finding in findings]
        click.echo(json.dumps({"ok": ok, "findings": told}, indent=2, ensure_ascii=False))
    sys.exit(0 if ok else 1)
