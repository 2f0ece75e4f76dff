"""The error pages: they look like the site, and the last one needs nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import abort

from portal.core import access, request_cycle
from portal.core.errors import Conflict, TooMany


def answering(site: Any, error: Exception | int) -> Any:
    """A browser's answer from a view that fails in this way."""

    @access.guard(access.anyone)
    def fail() -> Any:
        if isinstance(error, int):
            abort(error)
        raise error

    site.app.add_url_rule("/fail", "fail", fail)
    return site.client().get("/fail")


def test_a_conflict_is_told_kindly_with_its_own_sentence(site: Any) -> None:
    answer = answering(site, Conflict("Ana was <faster>."))
    assert answer.status_code == 409
    assert "Something has changed in the meantime" in answer.text
    assert "Ana was &lt;faster&gt;." in answer.text


def test_too_many_says_when_to_come_back(site: Any) -> None:
    assert answering(site, TooMany("Slower.", 30)).headers["Retry-After"] == "30"


@pytest.mark.parametrize("code", [403, 404, 409, 422, 429])
def test_every_refusal_has_a_heading_and_a_way_on(site: Any, code: int) -> None:
    answer = answering(site, code)
    assert answer.status_code == code
    assert answer.text.count("<h1>") == 1
    assert "Go to the front page" in answer.text or "See the roles" in answer.text


def test_the_page_of_a_failure_asks_nobody_who_is_signed_in(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ConnectionError("the database is gone")

    client = site.client()
    with client.session_transaction() as session:
        session["_user_id"] = "1.1"
    monkeypatch.setattr(request_cycle, "db", broken)
    monkeypatch.setattr("portal.people.session.db", broken)
    answer = client.get("/nothing-here")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "the database is gone" not in answer.text
