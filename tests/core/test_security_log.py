"""What happens at the doors is noted: in one form, whatever became of the request, and never with a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import access, security_log
from portal.core.errors import NotAllowed
from portal.core.i18n import lazy
from portal.core.logs import set_up_logs
from portal.core.security_log import LABELS, OUTCOMES, Outcome, SecurityEvent, SecurityRow, security_event
from portal.core.web import db
from portal.people.models import Person
from tests import make
from tests.form_pages import filled


def kept(site: Any) -> list[SecurityRow]:
    with site.portal.database.session(read_only=True) as session:
        return list(session.scalars(select(SecurityRow).order_by(SecurityRow.id)))


def refusing(site: Any) -> None:
    @site.app.get("/refuses")
    @access.guard(access.anyone)
    def view() -> str:
        make.person(db(), "never")
        security_event("sign_in", Outcome.REFUSED, who=7, about=8, method="password")
        raise NotAllowed(lazy("No."))


def test_a_refused_request_keeps_its_event_and_nothing_else(site: Any) -> None:
    refusing(site)
    assert site.client().get("/refuses").status_code == 403
    row, refusal = kept(site)
    assert (refusal.event, refusal.outcome, refusal.who_id, refusal.whence) == (
        *("request_refused", "refused"),
        *(None, "127.0.0.1"),
    )
    assert refusal.facts == {"why": "not_allowed", "method": "GET", "page": "view"}
    assert (row.event, row.outcome, row.who_id, row.about_id) == ("sign_in", "refused", 7, 8)
    assert (row.whence, row.facts) == ("127.0.0.1", {"method": "password"})
    with site.portal.database.session(read_only=True) as session:
        assert session.scalars(select(Person)).all() == []


def test_a_form_that_is_refused_holds_no_connection_while_its_event_is_written(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, keep = [], security_log.keep_events

    def keeping(database: Any) -> None:
        held.append(database.engine.pool.checkedout())
        keep(database)

    browser = site.client()
    form = filled(browser, "/people/sign-in", {"username": "ana", "password": "not the one"})
    monkeypatch.setattr(security_log, "keep_events", keeping)
    assert form.send(browser).status_code == 422
    assert held == [0]
    assert [(row.event, row.outcome) for row in kept(site)] == [("sign_in", "failed")]


def test_the_log_has_one_line_in_one_form(site: Any, capsys: Any) -> None:
    refusing(site)
    set_up_logs("json")
    site.client().get("/refuses")
    line, _refusal = [
        line for line in map(json.loads, capsys.readouterr().err.splitlines()) if line["event"] == "security"
    ]
    said = {name: line[name] for name in ("kind", "outcome", "who", "about", "whence", "method")}
    assert said == {
        "kind": "sign_in",
        "outcome": "refused",
        "who": 7,
        "about": 8,
        "whence": "127.0.0.1",
        "method": "password",
    }


def test_a_command_that_fails_keeps_what_it_noted(site: Any) -> None:
    with pytest.raises(RuntimeError), site.unit_of_work():
        security_event("second_factor_reset", Outcome.FAILED, about=3)
        raise RuntimeError("the command fails")
    assert [row.about_id for row in kept(site)] == [3]


@pytest.mark.parametrize("name", ["password", "new_password", "token", "secret_key", "recovery_code", "typed"])
def test_a_fact_that_sounds_like_a_secret_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        security_event("sign_in", "done", **{name: "quokka"})


def test_only_what_has_a_name_in_words_is_an_event() -> None:
    assert set(LABELS) == set(SecurityEvent)
    assert set(OUTCOMES) == set(Outcome)
    for event, outcome in [("made up", "done"), ("sign_in", "perhaps")]:
        with pytest.raises(ValueError, match="is not a valid"):
            security_event(event, outcome)


def test_long_facts_are_cut(site: Any) -> None:
    with site.unit_of_work():
        security_event("sign_in", "done", whence="x" * 500, device="y" * 5000)
    (row,) = kept(site)
    assert len(row.whence) == security_log.LONGEST_WHENCE
    assert len(str(row.facts["device"])) == security_log.LONGEST_FACT


def test_a_flood_from_one_place_fills_no_table(site: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(security_log, "MOST_AN_HOUR", 3)
    with site.unit_of_work():
        for whence in ["192.0.2.1"] * 5 + ["192.0.2.2"]:
            security_event("sign_in", "failed", whence=whence)
    assert [row.whence for row in kept(site)] == ["192.0.2.1"] * 3 + ["192.0.2.2"]


def test_a_flood_from_many_places_fills_no_table_and_hides_nothing_that_was_done(site: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(security_log, "MOST_REFUSED_AN_HOUR", 3)
    for number in range(6):
        with site.unit_of_work():
            security_event("sign_in", "failed", whence=f"2001:db8::{number}")
    with site.unit_of_work():
        security_event("sign_in", "done", whence="2001:db8::7")
    assert [row.outcome for row in kept(site)] == ["failed"] * 3 + ["done"]


def test_what_a_flood_does_not_keep_does_not_even_write(site: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(security_log, "MOST_AN_HOUR", 0)
    wrote, session = [], site.portal.database.session

    def opened(*, read_only: bool = False) -> Any:
        wrote.append(not read_only)
        return session(read_only=read_only)

    refusing(site)
    monkeypatch.setattr(site.portal.database, "session", opened)
    site.client().get("/refuses")
    assert not any(wrote)


def test_events_are_forgotten_after_some_days(make_site: Any) -> None:
    site = make_site("[limits]\nsecurity_days = 2")
    with site.unit_of_work() as session:
        for days in (1, 3):
            at = datetime.now(UTC) - timedelta(days=days)
            session.add(SecurityRow(at=at, event="sign_in", outcome="done", who_id=days, whence="", facts={}))
    site.work("people.forget_security")
    assert [row.who_id for row in kept(site)] == [1]


def test_events_go_with_who_leaves_and_are_in_their_export(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, bo = make.person(session, "ana"), make.person(session, "bo")
        security_event("sign_in", "done", who=ana.id, whence="192.0.2.1")
        security_event("sign_in", "done", who=bo.id)
        security_event("account_suspended", "done", who=ana.id, about=bo.id, days=3)
        security_event("account_suspended", "done", who=bo.id, about=ana.id)
    with site.unit_of_work() as session:
        assert [event["whence"] for event in security_log.of_person(session, ana.id)] == ["192.0.2.1", ""]
        security_log.forget_person(session, ana.id)
    assert [(row.event, row.who_id, row.about_id) for row in kept(site)] == [
        ("sign_in", bo.id, None),
        ("account_suspended", None, bo.id),
    ]
