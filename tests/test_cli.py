"""The command: honest exit codes, sentences instead of tracebacks, help with an example for each."""

from __future__ import annotations

import gc
import json
import os
import socket
import sqlite3
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

import portal
from portal.activity.actions import record
from portal.activity.models import Mailing, Notice, Reaction
from portal.app import FEATURES, load_content
from portal.cli import main
from portal.contributions.models import Change, Source
from portal.core import clock, content_cache, migrations
from portal.core.database import Database
from portal.core.feature import Features, session_info
from portal.core.indexing import SearchDue, queue_indexing
from portal.people.actions import write_letter
from portal.people.models import Letter, Person
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder
from tests import make
from tests.databases import Databases
from tests.servers import free_port
from tests.servers.postman import Postman, running_postman
from tests.settings import load_config

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases) -> Path:
    """An empty folder in which the command runs, with its own settings file and database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTAL_CONFIG", raising=False)
    configure(tmp_path, databases.empty())
    return tmp_path


def configure(folder: Path, url: str, more: str = "") -> None:
    (folder / "config.toml").write_text(f'[database]\nurl = "{url}"\n{more}')


def run(*words: str, **options: Any) -> Any:
    return CliRunner().invoke(main, list(words), **options)


def serve(*words: str) -> Any:
    """`portal serve` where nobody listens: on the port of the settings a developer's own site may run."""
    return run("serve", "--port", str(free_port()), *words)


@pytest.fixture
def database(folder: Path) -> Any:
    """The command's database, with its tables."""
    assert run("db", "upgrade").exit_code == 0
    database = Database(load_config(os.environ).database_url(), info=session_info(Features(FEATURES)))
    yield database
    database.dispose()


def commands(group: click.Group = main) -> list[list[str]]:
    """Every command that can be run, as words."""
    found = []
    for name, command in group.commands.items():
        inner = commands(command) if isinstance(command, click.Group) else [[]]
        found += [[name, *words] for words in inner]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_explains_itself_with_an_example(words: list[str]) -> None:
    told = run(*words, "--help")
    assert told.exit_code == 0
    assert f"portal {' '.join(words)}" in told.output.partition("Usage:")[2].partition("\n")[2]


HELP_OF_ALL = """
import sys
from portal.cli import main
for words in sys.argv[1:]:
    main([*words.split(), "--help"], standalone_mode=False)
libraries = {name.partition(".")[0] for name in sys.modules} - {*sys.stdlib_module_names, "__main__"}
ours = sorted(name for name in sys.modules if name.startswith("portal."))
sys.stderr.write(repr((sorted(name for name in libraries if not name.startswith("_")), ours)))
"""


def test_help_imports_only_what_it_shows(folder: Path) -> None:
    words = ["", *(" ".join(words) for words in commands())]
    environ = os.environ | {"PYTHONPATH": str(Path(portal.__file__).parent.parent)}
    told = subprocess.run(
        [sys.executable, "-c", HELP_OF_ALL, *words], capture_output=True, text=True, env=environ, timeout=60
    )
    libraries, ours = literal_eval(told.stderr)
    assert libraries == ["click", "portal"]
    assert [name for name in ours if not name.startswith("portal.cli")] == ["portal.core", "portal.core.terminal"]


def test_commands_that_need_no_content_read_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.app.open_library", content_cache.open_library)
    monkeypatch.setattr("portal.core.content_cache.manifest", lambda *_: pytest.fail("the content was looked at"))
    monkeypatch.setattr("portal.app.load_content", lambda *_: pytest.fail("the content was read"))
    (folder / "none.json").write_text("[]")
    for words in (
        ["db", "upgrade"],
        ["user", "create", "ana", "--password", "long enough pass"],
        ["sync"],
        ["tools", "import", "none.json"],
        ["db", "downgrade", "--yes", "--", "-1"],
    ):
        told = run(*words)
        assert told.exit_code == 0, (words, told.output)


def test_whoever_appoints_on_the_command_line_reads_the_roles_alone(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.app.open_library", content_cache.open_library)
    assert run("doctor").exit_code == 1  # no worker runs: the content is read and kept all the same
    loaded: list[type] = []
    load = content_cache.KeptParts.load
    monkeypatch.setattr(content_cache.KeptParts, "load", lambda self, kind: (loaded.append(kind), load(self, kind))[1])
    words = ["user", "create", "ana", "--password", "long enough pass", "--role", "portal-steward"]
    assert run(*words).exit_code == 0
    assert loaded == [RoleDefinitions]


def test_broken_content_is_told_with_every_problem_and_no_traceback(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "content" / "roles").mkdir(parents=True)
    (folder / "content" / "roles" / "mentor.md").write_text("---\ntitle: 3\n---\n")
    monkeypatch.setattr("portal.app.content_folder", lambda: folder / "content")
    monkeypatch.setattr("portal.app.open_library", content_cache.open_library)
    monkeypatch.setattr("portal.app.load_content", load_content)
    told = run("work")
    assert told.exit_code == 1
    assert "skills.toml:1: the file cannot be read" in told.output
    assert "mentor.md:2: title: " in told.output
    findings = json.loads(run("doctor", "--json").stdout)["findings"]
    assert len([finding for finding in findings if finding["name"] == "content" and not finding["ok"]]) > 2


def test_an_error_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.doctor.run_checks", lambda: 1 / 0)
    assert isinstance(run("doctor").exception, ZeroDivisionError)
    assert gc.isenabled()


def test_a_misspelt_command_is_exit_2() -> None:
    assert run("srve").exit_code == 2


def test_a_broken_setting_is_told_without_a_traceback(folder: Path) -> None:
    (folder / "config.toml").write_text('[site]\nnmae = "x"\n[jobs]\nworkers = 0\n')
    told = run("content", "check")
    told = run("db", "upgrade")
    assert told.exit_code == 1
    assert "site.nmae" in told.output
    assert "jobs.workers" in told.output


def test_the_content_of_the_repository_is_sound(folder: Path) -> None:
    told = run("content", "check")
    assert (told.exit_code, told.output) == (0, "✓ Every content file is sound.\n")


def test_the_tables_go_up_and_down_and_up_again(folder: Path, database: Database) -> None:
    assert migrations.present(database.engine) == migrations.newest()
    assert "already" in run("db", "upgrade").output
    assert run("db", "downgrade", "base", input="n\n").exit_code == 1
    assert run("db", "downgrade", "base", "--yes").exit_code == 0
    assert migrations.present(database.engine) == ""
    assert run("db", "upgrade").exit_code == 0


def test_the_first_steward_is_made_on_the_command_line(database: Database) -> None:
    told = run(
        "user",
        "create",
        "ana",
        "--email",
        "ana@example.org",
        "--role",
        "portal-steward",
        "--password",
        "long enough pass",
    )
    assert told.exit_code == 0, told.output
    with database.session() as session:
        person = session.scalars(select(Person)).one()
        held = session.scalars(select(RoleHolder)).one()
        assert (person.username, person.email, held.role, held.person_id) == (
            "ana",
            "ana@example.org",
            "portal-steward",
            person.id,
        )


def test_the_password_is_asked_for_and_never_shown(database: Database) -> None:
    told = run("user", "create", "ana", input="correct horse battery\ncorrect horse battery\n")
    assert told.exit_code == 0, told.output
    assert "correct horse" not in told.output


def test_a_taken_name_a_weak_password_and_an_unknown_role_are_refused_in_words(database: Database) -> None:
    assert run("user", "create", "ana", "--password", "long enough pass").exit_code == 0
    for words in (["ana", "--password", "long enough pass"], ["bo", "--password", "short"]):
        told = run("user", "create", *words)
        assert told.exit_code == 1
        assert "Traceback" not in told.output
        assert told.output.startswith("✗")
    told = run("user", "create", "cy", "--password", "long enough pass", "--role", "king")
    assert told.exit_code == 2
    assert "portal-steward" in told.output
    with database.session() as session:
        assert session.scalars(select(Person.username)).all() == ["ana"]


def test_the_demo_goes_into_an_empty_database_only(database: Database) -> None:
    told = run("demo", "load")
    assert told.exit_code == 0, told.output
    with database.session() as session:
        assert len(session.scalars(select(Person)).all()) == 40
        assert session.scalars(select(Change).limit(1)).one()
        assert session.scalars(select(Source)).one().is_active
    again = run("demo", "load")
    assert again.exit_code == 1
    assert "empty database" in again.output
    assert run("demo", "load", "--if-empty").exit_code == 0


def test_the_demo_stays_away_from_a_site_that_others_can_reach(folder: Path, database: Database) -> None:
    configure(folder, load_config(os.environ).database.url, '[site]\nurl = "https://portal.example.org"\n')
    told = run("demo", "load")
    assert told.exit_code == 1
    assert "loopback" in told.output


def test_serve_without_tables_says_what_to_do(folder: Path) -> None:
    told = serve()
    assert told.exit_code == 1
    assert "portal db upgrade" in told.output


def test_a_site_for_others_does_not_start_with_passwords_that_everybody_knows(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.server.Server.run", lambda _self: None)
    assert run("user", "create", "admin", "--password", "demo-portal-2026").exit_code == 0
    assert serve().exit_code == 0
    told = serve("--host", "0.0.0.0")
    assert (told.exit_code, "everybody knows" in told.output) == (0, True)
    assert "For the internet put a server with TLS in front of it" in told.output
    assert "For the internet" not in serve().output
    configure(folder, load_config(os.environ).database.url, '[site]\nurl = "https://portal.example.org"\n')
    told = serve()
    assert told.exit_code == 1
    assert "everybody knows its passwords" in told.output


def test_an_unknown_source_is_told_with_those_there_are(folder: Path, database: Database) -> None:
    source = '[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "http://127.0.0.1:9"\n'
    configure(folder, load_config(os.environ).database.url, source)
    told = run("sync", "gitlab")
    assert told.exit_code == 2
    assert "gerrit" in told.output


def test_a_source_that_cannot_be_reached_is_exit_1_with_the_reason(folder: Path, database: Database) -> None:
    source = '[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "http://127.0.0.1:9"\n'
    configure(folder, load_config(os.environ).database.url, source)
    told = run("sync")
    assert told.exit_code == 1
    assert "gerrit" in told.output
    assert "The last data stands." in told.output
    (result,) = json.loads(run("sync", "--json").stdout)
    assert (result["slug"], result["outcome"]) == ("gerrit", "failed")


def test_a_sync_without_sources_says_where_they_are_told(database: Database) -> None:
    told = run("sync")
    assert told.exit_code == 0
    assert "config.example.toml" in told.output


def test_settings_are_written_with_every_default_and_never_over_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("config", "new").exit_code == 0
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == (ROOT / "config.example.toml").read_text("utf-8")
    again = run("config", "new")
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    nowhere = run("config", "new", "missing/config.toml")
    assert (nowhere.exit_code, "No such file" in nowhere.output) == (1, True)


def test_the_doctor_says_for_each_what_to_do(folder: Path, database: Database) -> None:
    source = '[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "http://127.0.0.1:9"\n'
    configure(folder, load_config(os.environ).database.url, source)
    told = run("doctor", "--json")
    assert told.exit_code == 1
    findings = {finding["name"]: finding for finding in json.loads(told.stdout)["findings"]}
    assert findings["configuration"]["ok"]
    assert findings["content"]["ok"]
    assert findings["migrations"]["ok"]
    assert not findings["worker"]["ok"]
    assert "portal work" in findings["worker"]["mend"]
    assert not findings["source gerrit"]["ok"]
    assert findings["source gerrit"]["mend"]


def test_the_doctor_counts_the_letters_that_wait_and_those_nobody_knows_of(folder: Path, database: Database) -> None:
    now = clock.now()
    states = {"waiting": None, "sending": None, "sent": now, "uncertain": now, "given_up": now}
    with database.session() as session:
        ana = make.person(session, "ana", email="ana@example.org")
        for state, settled_at in [*states.items(), ("given_up", now - timedelta(days=2))]:
            event = record(session, "mentoring.claimed", actor=None, tell=[ana], now=now)
            session.flush()
            made = select(Mailing).join(Mailing.notice).where(Notice.event_id == event.id)
            mailing = session.scalars(made).one()
            mailing.state, mailing.settled_at = state, settled_at
        write_letter(session, ana, "people.password_changed", {}, now)
        session.commit()
    found = {one["name"]: one for one in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert found["letters"]["said"] == "3 wait; within a day 1 perhaps sent, 1 given up"
    assert not found["letters"]["ok"]
    assert "perhaps sent" in found["letters"]["mend"]


def test_the_doctor_counts_what_waits_and_what_was_given_up_of_search_and_of_events(
    folder: Path, database: Database
) -> None:
    now = clock.now()
    with database.session() as session:
        for _ in range(2):
            record(session, "tracks.finished", actor=None, now=now)
        queue_indexing(session, "people", {"ids": []})
        session.commit()
    found = {one["name"]: one for one in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert (found["events"]["said"], found["events"]["ok"]) == ("2 wait to be heard; within a day 0 given up", True)
    assert found["search"]["ok"]
    with database.session() as session:
        for table in (Reaction, SearchDue):
            row = session.scalars(select(table).order_by(table.id.desc())).first()
            assert row is not None
            row.state, row.settled_at = "given_up", now
        session.commit()
    found = {one["name"]: one for one in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert (found["events"]["said"], found["events"]["ok"]) == ("1 wait to be heard; within a day 1 given up", False)
    assert "event not heard" in found["events"]["mend"]
    assert "within a day 1 given up" in found["search"]["said"]
    assert not found["search"]["ok"]


def test_the_doctor_sees_missing_tables(folder: Path) -> None:
    told = run("doctor")
    assert told.exit_code == 1
    assert "Run: portal db upgrade" in told.output


@pytest.mark.parametrize("words", [("work",), ("serve", "--port", "{port}")])
def test_nothing_runs_on_tables_of_another_version(folder: Path, words: tuple[str, ...]) -> None:
    told = run(*(word.format(port=free_port()) for word in words))
    assert told.exit_code == 1
    assert "not at the version this program needs" in told.output
    assert "portal db upgrade" in told.output


@pytest.mark.parametrize(
    "words", [("db", "upgrade"), ("db", "downgrade", "--yes"), ("work",), ("serve", "--port", "{port}"), ("doctor",)]
)
def test_tables_of_a_newer_program_are_told_and_stay(folder: Path, database: Database, words: tuple[str, ...]) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20990101_0000'"))
    told = run(*(word.format(port=free_port()) for word in words))
    assert told.exit_code == 1
    assert "20990101_0000, which this program does not know" in told.output
    assert migrations.present(database.engine) == "20990101_0000"


@pytest.mark.parametrize("words", [("doctor",), ("sync",)])
def test_a_full_disk_is_told_without_a_traceback(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("portal.app.make_huey", full)
    told = run(*words)
    assert (told.exit_code, "database or disk is full" in told.output) == (1, True)
    assert isinstance(told.exception, SystemExit)


def test_a_backup_into_no_folder_says_which_is_missing(folder: Path, database: Database) -> None:
    told = run("db", "backup", "nowhere/today.tar.gz")
    assert told.exit_code == 1
    assert f"There is no folder {folder / 'nowhere'}" in told.output


def test_the_doctor_tells_every_slip_in_the_settings(folder: Path) -> None:
    (folder / "config.toml").write_text('[site]\nnmae = "x"\n[jobs]\nworkers = 0\n')
    findings = json.loads(run("doctor", "--json").stdout)["findings"]
    assert [finding["ok"] for finding in findings] == [False, False]


def test_no_password_is_asked_for_where_nobody_could_type_it_unseen(folder: Path, database: Database) -> None:
    words = [sys.executable, "-c", "from portal.cli import main; main()", "user", "create", "ana"]
    environ = os.environ | {"PYTHONPATH": str(Path(portal.__file__).parent.parent)}
    told = subprocess.run(  # a session of its own has no terminal
        words, input="typed\n", capture_output=True, text=True, env=environ, start_new_session=True, timeout=60
    )
    assert told.returncode == 2
    assert "PORTAL_PASSWORD" in told.stderr
    assert "getpass" not in told.stderr


def test_a_taken_port_is_told_with_a_way_out(folder: Path, database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = run("serve", "--port", str(port))
    assert told.exit_code == 1
    assert told.output.startswith(f"✗ Cannot listen on 127.0.0.1, port {port}: address already in use.")
    assert f"--port {port + 1}" in told.output


def test_a_folder_that_cannot_be_written_is_told_without_a_traceback(folder: Path) -> None:
    (folder / "taken").write_text("a file, where a folder should be")
    (folder / "config.toml").write_text('[site]\ndata_dir = "taken/var"\n')
    for words in (["serve", "--port", str(free_port())], ["db", "upgrade"], ["work"]):
        told = run(*words)
        assert told.exit_code == 1
        assert told.output.startswith("✗ taken/var")
        assert "data_dir" in told.output


def finding_of(name: str) -> dict[str, Any] | None:
    """What the doctor says under this name."""
    findings = json.loads(run("doctor", "--json").stdout)["findings"]
    return next((one for one in findings if one["name"] == name), None)


@pytest.fixture
def postman() -> Iterator[Postman]:
    with running_postman() as running:
        yield running


def through(folder: Path, port: int) -> None:
    """The settings name this mail server."""
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "Us <us@example.org>"\n'
    configure(folder, load_config(os.environ).database.url, mail)


def test_a_mail_server_that_takes_our_letters_is_well(folder: Path, database: Database, postman: Postman) -> None:
    through(folder, postman.port)
    mail = finding_of("mail")
    assert mail["ok"]
    assert "takes letters from Us <us@example.org>" in mail["said"]
    assert postman.letters == postman.asked == []


@pytest.mark.parametrize(
    "answer", ["550 5.7.1 sender address rejected", "530 5.7.0 authentication required", "451 4.7.1 try later"]
)
def test_a_mail_server_that_takes_no_sender_of_ours_is_told_with_its_words(
    folder: Path, database: Database, postman: Postman, answer: str
) -> None:
    through(folder, postman.port)
    postman.to_sender = answer
    mail = finding_of("mail")
    assert not mail["ok"]
    assert answer in mail["said"]
    assert "sender" in mail["mend"]


def test_a_mail_server_that_is_not_there_is_told(folder: Path, database: Database) -> None:
    through(folder, 9)
    assert not finding_of("mail")["ok"]


@pytest.mark.parametrize(
    ("states", "said", "ok"),
    [
        (["sender_refused"], "1 refused because of who sends", False),
        (["refused", "sender_refused", "sender_refused"], "1 refused, 2 refused because of who sends", False),
        (["refused"], "0 given up, 1 refused", True),
        (["sent"], "0 given up", True),
    ],
)
def test_letters_refused_because_of_who_sends_are_a_fault_of_the_settings(
    folder: Path, database: Database, states: list[str], said: str, ok: bool
) -> None:
    now = clock.now()
    with database.session() as session:
        ana = make.person(session, "ana", email="ana@example.org")
        for _state in states:
            write_letter(session, ana, "people.password_changed", {}, now)
        session.flush()
        for letter, state in zip(session.query(Letter), states, strict=True):
            letter.state, letter.settled_at = state, now
        session.commit()
    letters = finding_of("letters")
    assert letters["said"].endswith(said)
    assert letters["ok"] is ok
    assert ok or "[mail] sender" in letters["mend"]


@pytest.mark.parametrize(
    ("days", "ok", "said"),
    [
        (200, True, "in 200 days"),
        (31, True, "in 31 days"),
        (30, False, "in 30 days"),
        (1, False, "in 1 day"),
        (0, False, "not shown any more"),
        (-400, False, "not shown any more"),
    ],
)
def test_security_txt_is_to_be_renewed_in_time(
    folder: Path, database: Database, days: int, ok: bool, said: str
) -> None:
    expires = clock.now().date() + timedelta(days=days)
    site = f'[site]\nsecurity_contact = "mailto:safe@example.org"\nsecurity_expires = {expires}\n'
    configure(folder, load_config(os.environ).database.url, site)
    security = finding_of("security.txt")
    assert (security["ok"], said in security["said"], bool(security["mend"])) == (ok, True, not ok)


def test_without_a_contact_nothing_is_said_of_security_txt(folder: Path, database: Database) -> None:
    assert finding_of("security.txt") is None
