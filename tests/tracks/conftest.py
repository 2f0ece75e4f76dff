"""A site with the small track of made_content, and people who take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.people.models import Person
from portal.tracks.content import Step, Track, Tracks
from portal.tracks.models import Enrolment, EnrolmentState, StepProgress
from tests import made_content, make


class School:
    """A site with tracks: shortcuts to its content, its people and what they did."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.tracks: Tracks = site.portal.library.get(Tracks)
        self.track: Track = next(iter(self.tracks))

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

    def enrolment(self, person: Person) -> Enrolment | None:
        """How this person stands with the first track."""
        with self.site.portal.database.session() as session:
            found: Enrolment | None = session.get(Enrolment, (person.id, self.track.id))
            return found

    def state(self, person: Person) -> EnrolmentState | None:
        """In which state this person's track is."""
        enrolment = self.enrolment(person)
        return EnrolmentState(enrolment.state) if enrolment else None

    def progress(self, person: Person, slug: str) -> StepProgress | None:
        """What this person did of a step."""
        with self.site.portal.database.session() as session:
            found: StepProgress | None = session.get(StepProgress, (person.id, self.step(slug).id))
            return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content folder whose only track is the small one."""
    return made_content.with_track(made_content.copied(tmp_path))


@pytest.fixture
def school(make_site: Any, folder: Path) -> School:
    """A site with the small track."""
    return School(make_site(content=folder))
