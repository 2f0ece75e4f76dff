"""What is logged of a failure: where and why, never what people typed."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError

from portal.app import FEATURES
from portal.core import access
from portal.core.feature import Feature
from portal.core.jobs import Portal, run_sweep
from portal.core.logs import _Formatter, escaped, set_up_logs
from portal.core.schedule import Sweep
from portal.core.web import db
from portal.people.models import Person
from tests import make

TYPED = "nora@example.org"
STATEMENT = "INSERT INTO people (email_key) VALUES (%(email_key)s)"
TAKEN = IntegrityError(
    STATEMENT,
    {"email_key": TYPED},
    psycopg.errors.UniqueViolation(
        'duplicate key value violates unique constraint "uq_people_email_key"\n'
        f"DETAIL:  Key (email_key)=({TYPED}) already exists.\nCONTEXT:  unnamed portal parameter $1 = '{TYPED}'"
    ),
    hide_parameters=True,
)
NO_NUMBER = DataError(
    STATEMENT,
    {"email_key": TYPED},
    psycopg.errors.InvalidTextRepresentation(f'invalid input syntax for type integer: "{TYPED}"'),
    hide_parameters=True,
)


def fail_with(error: Exception) -> None:
    """As SQLAlchemy does it: its error has the driver's as its cause, and a sweep may put another above."""
    try:
        raise error from error.orig  # type: ignore[attr-defined]
    except type(error) as caught:
        raise RuntimeError("the sweep fails") from caught


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("error", [TAKEN, NO_NUMBER], ids=["a taken key", "no number"])
def test_what_postgresql_repeats_of_typed_values_is_not_logged(capsys: Any, form: str, error: Exception) -> None:
    set_up_logs(form)
    try:
        fail_with(error)
    except RuntimeError:
        structlog.get_logger().exception("sweep failed", sweep="test.fail")
    line = capsys.readouterr().err
    logged = json.loads(line)["exception"] if form == "json" else line
    assert TYPED not in logged
    assert STATEMENT in logged
    assert "in fail_with" in logged
    assert "RuntimeError: the sweep fails" in logged
    assert logged.index("psycopg.errors.") < logged.index("sqlalchemy.exc.") < logged.index("RuntimeError: the sweep")


def test_libraries_that_log_the_standard_way_repeat_nothing_either() -> None:
    try:
        fail_with(TAKEN)
    except RuntimeError as error:
        caught = (RuntimeError, error, error.__traceback__)
        record = logging.LogRecord("huey", logging.ERROR, "", 1, "Unhandled exception", (), caught)
    logged = _Formatter().format(record)
    assert logged.startswith("Unhandled exception\nTraceback")
    assert "uq_people_email_key" in logged
    assert TYPED not in logged


def test_an_error_that_is_its_own_cause_is_told_once(capsys: Any) -> None:
    set_up_logs("text")
    error = ValueError("round and round")
    error.__cause__ = error
    structlog.get_logger().error("failed", exc_info=error)
    assert capsys.readouterr().err.count("round and round") == 1


def test_a_sweep_and_a_page_that_hit_a_constraint_log_no_value(make_site: Any, capsys: Any) -> None:
    row = {"username": "nora", "display_name": TYPED, "password_hash": "-", "created_at": make.NOON, "language": "en"}

    def fail_twice(portal: Portal) -> None:
        with portal.unit_of_work() as session:
            for _ in range(2):
                session.execute(insert(Person).values(**row, session_epoch=0, email_key=TYPED))

    sweep = Sweep("test.fail", fail_twice, every=timedelta(minutes=1))
    site = make_site(features=(*FEATURES, Feature("test", sweeps=(sweep,))))

    @site.app.get("/test")
    @access.guard(access.anyone)
    def view() -> str:
        db().execute(insert(Person).values(**{**row, "created_at": None}, session_epoch=0, email_key=TYPED))
        return "done"

    run_sweep(site.portal, "test.fail")
    assert site.client().get("/test").status_code == 500
    logged = capsys.readouterr().err
    assert "sweep failed" in logged
    assert "request failed" in logged
    assert TYPED not in logged


HOSTILE = {
    "a new line": "x\n2026-12-01 [info] security kind=sign_in",
    "a return": "x\r\nsecurity",
    "a vertical tab": "x\x0bsecurity",
    "a form feed": "x\x0csecurity",
    "separators of files": "x\x1c\x1d\x1esecurity",
    "an escape of terminals": "x\x1b[2Ksecurity",
    "a bell and a backspace": "x\x07\x08security",
    "DEL": "x\x7fsecurity",
    "next line": "x\x85security",
    "a control of C1": "x\x9b2Jsecurity",
    "a line separator": "x\u2028security",
    "a paragraph separator": "x\u2029security",
    "an override of direction": "x\u202esecurity",
    "an isolate": "x\u2066security\u2069",
    "a mark of direction": "x\u200f\u061csecurity",
    "a byte order mark": "x\ufeffsecurity",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def unseen(text: str) -> set[str]:
    return {letter for letter in text if not letter.isprintable()}


@hostile
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_forges_a_line_or_hides_in_one(capsys: Any, form: str, text: str) -> None:
    set_up_logs(form)
    log = structlog.get_logger()
    log.info(text, path=text, within=[text], error=ValueError(text), **{f"name{text}": 1})
    line = capsys.readouterr().err
    assert line.endswith("\n")
    assert unseen(line.removesuffix("\n")) == set()
    if form == "json":
        assert json.loads(line)["path"] == text


@hostile
def test_the_message_of_an_error_forges_no_line_of_a_traceback(capsys: Any, text: str) -> None:
    set_up_logs("text")
    try:
        raise ValueError(text)
    except ValueError:
        structlog.get_logger().exception("sweep failed")
    logged = capsys.readouterr().err
    assert unseen(logged) == {"\n"}
    assert logged.strip().split("\n")[-1] == f"ValueError: {escaped(text)}"


@hostile
def test_libraries_and_gunicorn_forge_none_either(text: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s", "[%Y]"))
    access_log = logging.getLogger("gunicorn.access")
    access_log.addHandler(handler)
    try:
        set_up_logs("text")
        atoms = {"h": "127.0.0.1", "a": text}
        access_log.warning('%(h)s "%(a)s"', atoms)
    finally:
        access_log.removeHandler(handler)
    assert stream.getvalue().startswith("[2")
    assert unseen(stream.getvalue()) == {"\n"}
    assert len(stream.getvalue().splitlines()) == 1
    record = logging.LogRecord("huey", logging.ERROR, "", 1, "failed: %s", (text,), None)
    assert unseen(_Formatter().format(record)) == set()


def test_what_can_be_seen_is_logged_as_it_is() -> None:
    assert escaped("/roles/é – 日本 مرحبا") == "/roles/é – 日本 مرحبا"
