"""What waited to be mailed before people could choose still comes, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from portal.core import migrations
from portal.core.database import make_engine

BEFORE, AFTER = "20261202_1000", "20261202_1100"
PERSON = (
    "INSERT INTO people"
    " (id, username, display_name, password_hash, session_epoch, language, time_zone, about, created_at)"
    " VALUES (1, 'ana', 'Ana', '-', 0, '', '', '', '2026-11-20 12:00:00')"
)
EVENT = "INSERT INTO events (id, at, verb, \"values\") VALUES (:id, '2026-11-20 12:00:00.000000', :verb, '{}')"
NOTICE = (
    "INSERT INTO notices (id, person_id, event_id, created_at, read_at)"
    " VALUES (:id, 1, :id, '2026-11-20 12:00:00.000000', :read_at)"
)
LETTER = (
    'INSERT INTO letters (person_id, template, "values", due_at, attempts, sent_at)'
    " VALUES (1, :verb, '{}', '2026-11-20 12:00:00.000000', 0, :sent_at)"
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrations.upgrade(engine)
    migrations.downgrade(engine, BEFORE)
    yield engine
    engine.dispose()


def test_a_letter_that_waited_moves_to_its_notice_and_one_that_was_sent_does_not(engine: Engine) -> None:
    noon = "2026-11-20 12:00:00"
    told = [(1, "roles.offered", None, None), (2, "roles.ended", None, noon), (3, "tools.help_offered", noon, None)]
    with engine.begin() as connection:
        connection.execute(text(PERSON))
        for number, verb, read_at, sent_at in told:
            connection.execute(text(EVENT), {"id": number, "verb": verb})
            connection.execute(text(NOTICE), {"id": number, "read_at": read_at})
            connection.execute(text(LETTER), {"verb": verb, "sent_at": sent_at})
        connection.execute(text(LETTER), {"verb": "people.reset_password", "sent_at": None})
    migrations.upgrade(engine, AFTER)
    with engine.begin() as connection:
        moved = connection.execute(text("SELECT notice_id, cadence, state FROM mailings")).all()
        left = connection.execute(text("SELECT template FROM letters WHERE sent_at IS NULL")).scalars().all()
    assert [tuple(row) for row in moved] == [(1, "now", "waiting")]
    assert left == ["people.reset_password"]


def test_unread_notices_know_the_page_they_lead_to(engine: Engine) -> None:
    links = {
        1: '{"link": {"endpoint": "tools.show", "args": {"name": "mapper", "_anchor": "offers"}}}',
        2: '{"link": {"endpoint": "mentoring.pairing", "args": {"pairing_id": 7}}}',
        3: '{"link": null, "title": "Mapper"}',
        4: "{}",
    }
    event = "INSERT INTO events (id, at, verb, \"values\") VALUES (:id, '2026-11-20 12:00:00.000000', 'x.y', :told)"
    with engine.begin() as connection:
        connection.execute(text(PERSON))
        for number, told in links.items():
            connection.execute(text(event), {"id": number, "told": told})
            connection.execute(text(NOTICE), {"id": number, "read_at": None})
    migrations.upgrade(engine, "20261207_0900")
    with engine.begin() as connection:
        pages = connection.execute(text("SELECT page FROM notices ORDER BY id")).scalars().all()
    assert pages == ["tools.show name=mapper", "mentoring.pairing pairing_id=7", "", ""]
    migrations.downgrade(engine, BEFORE)
