"""A catalogue to tell stories in: a site with tools, a steward, a maintainer and somebody who could help."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.people.models import Account, Person
from portal.tools.jobs import ImportedRecord, ImportProgress, ImportResult, import_toolinfo
from tests import make


@dataclass
class Report:
    """What an import told."""

    results: list[ImportResult]
    told: list[ImportedRecord] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many records had each outcome, in all places; those of which there were some."""
        sums: dict[str, int] = {}
        for result in self.results:
            for outcome, number in result.counts.items():
                if number:
                    sums[outcome.value] = sums.get(outcome.value, 0) + number
        return sums

    def said_of(self, name: str) -> str:
        """Everything that was said of a record."""
        return "; ".join(note for record in self.told if name in record.name for note in record.notes)


class Notebook(ImportProgress):
    """Writes down what is told of records."""

    def __init__(self) -> None:
        self.told_of: list[ImportedRecord] = []

    def record_told(self, _place: str, record: ImportedRecord) -> None:
        self.told_of.append(record)


Importer = Callable[..., Report]


@pytest.fixture
def bring_in(site: Any, tmp_path: Path) -> Importer:
    """Imports files by path, or values and bytes which become files."""

    def run(*things: Any, to: Any = None) -> Report:
        notebook = Notebook()
        locations = [_place(thing, number, tmp_path) for number, thing in enumerate(things)]
        results = list(import_toolinfo((to or site).portal, locations, notebook))
        return Report(results, notebook.told_of)

    return run


def _place(thing: Any, number: int, folder: Path) -> str:
    if isinstance(thing, (str, Path)):
        return str(thing)
    path = folder / f"toolinfo-{number}.json"
    path.write_bytes(thing if isinstance(thing, bytes) else json.dumps(thing).encode())
    return str(path)


def record(name: str = "mapper", **values: Any) -> dict[str, Any]:
    """A sound record; only what a test speaks of is said."""
    plain = {"title": name.title(), "description": f"What {name} does.", "url": f"https://{name}.example.org/"}
    return {"name": name, **plain, **values}


@dataclass
class Catalogue:
    """A site with one tool, and the people around it."""

    site: Any
    steward: Person
    maintainer: Person
    ana: Person

    def browser(self, person: Person | None = None) -> Any:
        """A browser, signed in as this person."""
        return make.sign_in(self.site.client(), person) if person else self.site.client()

    def want_owner(self, by: Person | None = None, reason: str = "I have no time left.") -> None:
        """It is said that the tool looks for an owner."""
        answer = self.browser(by or self.steward).post("/tools/mapper/look-for-owner", data={"reason": reason})
        assert answer.status_code == 303

    def offer(self, person: Person, note: str = "I know its language.") -> Any:
        """This person says that they could help."""
        return self.browser(person).post("/tools/mapper/offer", data={"note": note})

    def notices(self, person: Person) -> str:
        """What this person was told."""
        return str(self.browser(person).get("/notices").text)


@pytest.fixture
def catalogue(site: Any, bring_in: Importer) -> Catalogue:
    """The tool "mapper", maintained on the wiki by Map Maker, who has an account here that is verified."""
    author = [{"name": "Maria Maker", "wiki_username": "Map Maker"}]
    bring_in(record(author=author, license="MIT", repository="https://git.example.org/r/tools/mapper.git"))
    with site.unit_of_work() as session:
        steward, maintainer, ana = (
            make.person(session, name, email=f"{name}@example.org") for name in ("steward", "maria", "ana")
        )
        make.role(session, steward, "portal-steward")
        session.add(
            Account(
                person_id=maintainer.id, service="wiki", username="Map_Maker", added_at=make.NOON, verified_at=make.NOON
            )
        )
    return Catalogue(site, steward, maintainer, ana)
