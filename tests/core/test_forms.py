"""Forms take what a form sends, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.core.forms import trimmed_lines
from portal.tracks.models import ProgressState, StepProgress
from tests import make

STEP = "/tracks/first-change-on-gerrit"
NO_FORM = ([1, {"a": None}], {"username": 5, "password": 5, "note": 5}, {"note": {"a": 1}}, "x")


@pytest.mark.parametrize("body", NO_FORM, ids=str)
def test_a_visitor_who_sends_json_to_the_door_is_told_what_is_taken(site: Any, body: Any) -> None:
    answer = site.client().post("/people/sign-in", json=body)
    assert answer.status_code == 415
    assert "This kind of content is not taken here." in answer.text


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/json", "text/html", "x", "*/*"])
def test_whatever_is_no_form_is_refused_before_it_is_read(site: Any, content_type: str) -> None:
    body = "username=ann&password=correct horse battery"
    answer = site.client().post("/people/sign-in", data=body, content_type=content_type)
    assert answer.status_code == 415
    plain = site.client().post("/people/sign-in", data=body, content_type="")
    assert plain.status_code == 415


def test_nothing_at_all_is_an_empty_form(site: Any) -> None:
    assert site.client().post("/people/sign-in").status_code == 422


@pytest.mark.parametrize("body", NO_FORM, ids=str)
@pytest.mark.parametrize(
    "path", [f"{STEP}/make-an-account/done", f"{STEP}/what-happens-to-a-change/answer", f"{STEP}/make-an-account/stuck"]
)
def test_json_sent_to_a_form_is_refused_and_changes_nothing(site: Any, path: str, body: Any) -> None:
    with site.unit_of_work() as session:
        ann = make.person(session, "ann")
    browser = make.sign_in(site.client(), ann)
    assert browser.post(path, json=body).status_code == 415
    with site.unit_of_work() as session:
        assert not session.scalars(select(StepProgress).where(StepProgress.state == ProgressState.DONE)).all()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\n \n    code\n    more\n\n", "    code\n    more"),
        ("  two spaces", "  two spaces"),
        (" \t\n  ", ""),
        ("first\n\n    last  \n", "first\n\n    last"),
        (None, None),
    ],
)
def test_a_text_of_several_lines_loses_empty_lines_around_it_and_no_indentation(
    typed: str | None, kept: str | None
) -> None:
    assert trimmed_lines(typed) == kept
