"""What a browser lets somebody type is never too long: line breaks count as one, an emoji as two, as in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import render_template_string
from sqlalchemy import select
from wtforms.validators import Length as LengthOfPython

import portal.core.forms as core_forms
from portal.mentoring.models import Request
from portal.people.models import Person
from portal.roles.models import RoleOffer
from portal.tools.models import AdoptionOffer
from portal.tracks.models import StepProgress
from tests import make

TOO_LONG = 422


def typed(length: int, letter: str = "a") -> str:
    """So much text as a browser lets through: short lines, filled up to the last code unit."""
    lines = "\n".join(letter * 9 for _ in range(length // (9 * core_forms.code_units(letter) + 1)))
    return lines + "a" * (length - core_forms.code_units(lines))


def sent(text: str) -> str:
    """The text as a browser sends it."""
    return text.replace("\n", "\r\n")


FORMS: list[tuple[str, str, dict[str, str], int, Any]] = [
    ("/people/me", "about", {"display_name": "Ann", "language": "en", "time_zone": ""}, 4000, Person.about),
    (
        "/mentoring/ask",
        "goal",
        {"needs-0-skill": "Python", "needs-0-need": "must", "languages": "en"},
        2000,
        Request.goal,
    ),
    ("/tools/mapper/offer", "note", {}, 2000, AdoptionOffer.note),
    ("/roles/translator/offer", "reason", {}, 1000, RoleOffer.reason),
    ("/tracks/reviewing-changes/why-review/done", "note", {}, 2000, StepProgress.note),
]


@pytest.fixture
def browser(site: Any) -> Any:
    """Somebody who is signed in, where a tool looks for an owner."""
    with site.unit_of_work() as session:
        make.tool(session, "mapper").wanted_since = make.NOON
        ann = make.sign_in(site.client(), make.speaker(session, "ann"))
    ann.post("/tracks/reviewing-changes/start")
    return ann


@pytest.mark.parametrize("letter", ["a", "é", "🦦"])
@pytest.mark.parametrize(("url", "field", "rest", "longest", "column"), FORMS, ids=[form[0] for form in FORMS])
def test_as_much_as_a_browser_lets_through_is_taken(
    site: Any, browser: Any, url: str, field: str, rest: dict[str, str], longest: int, column: Any, letter: str
) -> None:
    text = typed(longest, letter)
    answer = browser.post(url, data={**rest, field: sent(text)})
    assert answer.status_code == 303, answer.text
    with site.unit_of_work() as session:
        assert text in session.scalars(select(column)).all()


@pytest.mark.parametrize(("url", "field", "rest", "longest", "column"), FORMS, ids=[form[0] for form in FORMS])
def test_one_character_more_is_too_long_and_stays_in_the_form(
    browser: Any, url: str, field: str, rest: dict[str, str], longest: int, column: Any
) -> None:
    answer = browser.post(url, data={**rest, field: sent(typed(longest) + "!")})
    assert answer.status_code == TOO_LONG
    assert typed(longest) + "!" in answer.text


def test_a_single_carriage_return_is_a_line_break_too(site: Any, browser: Any) -> None:
    browser.post("/roles/translator/offer", data={"reason": "One\rtwo\r\nthree\nfour"})
    with site.unit_of_work() as session:
        assert session.scalars(select(RoleOffer.reason)).all() == ["One\ntwo\nthree\nfour"]


def lengths(site: Any) -> Iterator[tuple[str, Any]]:
    """Every check of a length there is, with the form it belongs to."""
    pending: list[type] = [core_forms.Form]
    while pending:
        kind: Any = pending.pop()
        pending += kind.__subclasses__()
        for name, made in list(vars(kind).items()):
            for check in [*getattr(made, "args", ()), *getattr(made, "kwargs", {}).get("validators", ())]:
                found = [one for one in check if isinstance(one, LengthOfPython)] if isinstance(check, list) else []
                yield from ((f"{kind.__name__}.{name}", one) for one in found)


def test_every_length_is_counted_as_browsers_do(site: Any) -> None:
    found = dict(lengths(site))
    assert len(found) > 10
    assert [name for name, check in found.items() if not isinstance(check, core_forms.Length)] == []


def test_the_length_is_told_to_the_browser(site: Any) -> None:
    with site.app.test_request_context():
        from portal.people.forms import AccountForm, EmailForm

        for field, longest in ((AccountForm([]).account, 255), (EmailForm().email, 254)):
            assert f'maxlength="{longest}"' in render_template_string("{{ field() }}", field=field)
