"""A site with the small track of made_content, and people who take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from portal.app import load_content
from portal.people.models import Person
from portal.tracks.content import Step, Track, Tracks
from portal.tracks.models import Enrolment, EnrolmentState, StepProgress
from tests import made_content, make

READ, TRY, KNOW = (f"/tracks/first-steps/{slug}" for slug in ("read-this-first", "try-it", "what-you-know"))
MAP = "/tracks/first-steps"
RIGHT = {"q-which-line": "a", "q-which-commands": ["status", "log"], "q-amend": "git  commit --AMEND"}
WRONG = {"q-which-line": "b", "q-which-commands": ["status"], "q-amend": "git push --force"}
WAY: tuple[tuple[str, dict[str, Any]], ...] = (
    (f"{READ}/done", {"note": "I read."}),
    (f"{TRY}/done", {"note": "I tried."}),
    (f"{KNOW}/answer", RIGHT),
)
"""What to send, and where, to walk the small track."""


class School:
    """A site with tracks: shortcuts to its content, its people and what they did."""

    def __init__(self, site: Any) -> None:
        self.site = site

    @property
    def tracks(self) -> Tracks:
        """The tracks there are now."""
        found: Tracks = self.site.portal.library.get(Tracks)
        return found

    @property
    def track(self) -> Track:
        """The first track."""
        return next(iter(self.tracks))

    def reread(self, folder: Path) -> None:
        """The site starts anew with what this content folder says now; its database stays."""
        self.site.portal.library.put(load_content(folder).get(Tracks))

    def step(self, slug: str) -> Step:
        """A step of the first track."""
        step = self.tracks.find_step(self.track, slug)
        assert step is not None
        return step

    def person(self, username: str = "") -> Person:
        """Somebody with an account."""
        with self.site.unit_of_work() as session:
            return make.person(session, username)

    def browser(self, person: Person | None = None) -> Any:
        """A browser, signed in as this person (None: a visitor)."""
        client = self.site.client()
        return make.sign_in(client, person) if person else client

    def learner(self, *, steps: int = 0) -> tuple[Person, Any]:
        """Somebody who has started the first track and done so many of its steps, and their browser."""
        person = self.person()
        browser = self.browser(person)
        assert browser.post(f"{MAP}/start").status_code == 303
        for url, data in WAY[:steps]:
            assert browser.post(url, data=data).status_code == 303
        return person, browser

    def enrolment(self, person: Person) -> Enrolment | None:
        """How this person stands with the first track."""
        with self.site.portal.database.session() as session:
            found: Enrolment | None = session.get(Enrolment, (person.id, self.track.id))
            return found

    def state(self, person: Person) -> EnrolmentState | None:
        """In which state this person's track is."""
        enrolment = self.enrolment(person)
        return EnrolmentState(enrolment.state) if enrolment else None

    def progress(self, person: Person, step_id: str) -> StepProgress | None:
        """What this person did of a step."""
        with self.site.portal.database.session() as session:
            found: StepProgress | None = session.get(StepProgress, (person.id, step_id))
            return found

    def statements(self, browser: Any, path: str) -> int:
        """How many SQL statements a page takes."""
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        engine = self.site.portal.database.engine
        event.listen(engine, "before_cursor_execute", listener)
        try:
            assert browser.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", listener)
        return len([one for one in seen if not one.startswith("BEGIN")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content folder whose only track is the small one."""
    return made_content.with_track(made_content.copied(tmp_path))


@pytest.fixture
def school(make_site: Any, folder: Path) -> School:
    """A site with the small track."""
    return School(make_site(content=folder))
