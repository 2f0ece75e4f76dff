"""What the stories of mentoring share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from portal.people.models import Person
from tests import make

Browser = Callable[[Person], Any]


@pytest.fixture
def browser(site: Any) -> Browser:
    """The browser of somebody who is signed in."""
    return lambda person: make.sign_in(site.client(), person)


@pytest.fixture
def cara(site: Any) -> Person:
    """A coordinator."""
    with site.unit_of_work() as session:
        person = make.person(session, "cara")
        make.role(session, person, "mentoring-coordinator")
    return person


@pytest.fixture
def count_statements(site: Any) -> Callable[[Callable[[], Any]], int]:
    """How many SQL statements something takes."""

    def count(do: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        engine = site.portal.database.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            answer = do()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert answer.status_code == 200
        return len([one for one in seen if not one.startswith("BEGIN")])

    return count
