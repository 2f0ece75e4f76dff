"""Every verb that is recorded anywhere can be told: its template is there and begins with its sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).parent.parent.parent / "portal"
MAIL = PORTAL / "templates" / "mail"
RECORDERS = {"record", "_record", "record_holding"}


def recorded() -> Iterator[tuple[str, str | None]]:
    """Where something is recorded, and the verb; None when it is put together from parts."""
    for path in sorted(PORTAL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in RECORDERS:
                yield f"{path.relative_to(PORTAL)}:{node.lineno}", _verb(node)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _verb(call: ast.Call) -> str | None:
    if len(call.args) < 2:
        return None
    value = call.args[1]
    if isinstance(value, ast.Constant):
        return str(value.value)
    # A feature's own helper hands its argument on: its callers are looked at instead.
    return "" if isinstance(value, ast.Name) and value.id == "verb" else None


VERBS = dict(recorded())


@pytest.mark.parametrize("place", VERBS)
def test_what_is_recorded_is_a_verb_with_a_template(place: str) -> None:
    verb = VERBS[place]
    assert verb is not None, f"{place}: write the verb out, so that its template can be found"
    if verb:
        assert (MAIL / f"{verb}.txt").exists(), f"{place}: portal/templates/mail/{verb}.txt is missing"


@pytest.mark.parametrize("name", sorted(path.name for path in MAIL.glob("*.txt")))
def test_a_letter_begins_with_its_subject_and_goes_on_after_a_blank_line(name: str) -> None:
    subject, blank, *body = (MAIL / name).read_text(encoding="utf-8").splitlines()
    assert subject.startswith("Subject: {{ ")
    assert blank == ""
    assert any(body)


def test_this_test_finds_what_is_recorded() -> None:
    assert {"roles.appointed", "roles.offered"} <= set(VERBS.values())
