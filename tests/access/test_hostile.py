"""Whatever somebody types, wherever it comes out: pages, letters, feeds, tables and the API show it as text.

Every field of every form is written into, then every page is read by everybody. OWASP ASVS 4.0.3, 5.2 and 5.3.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select

from portal.core.database import Base
from portal.people.models import Person
from tests.access import routes
from tests.access.hostile import MARK, ROUTES, hostile_world, mark_of, write_everywhere
from tests.access.routes import DOOR
from tests.access.world import World
from tests.conftest import making_sites
from tests.databases import Databases
from tests.letters import html_of, text_of
from tests.people.conftest import Postbox

PAGES = [route for route in ROUTES if route.startswith("GET") and "<path:" not in route]
ACTIVE = {"iframe", "object", "embed", "base", "applet", "frame", "math", "style", "template", "noscript"}
FORMULA = re.compile(r"^\s*[=+@\t\r-]")
NUMBER = re.compile(r"^[+-]?[\d.,\s]+%?$")

TAKEN = {
    "POST /mentoring/pairings/<int:pairing_id>/messages text",
    "POST /people/me about",
    "POST /people/me display_name",
    "POST /people/me/accounts account",
    "POST /roles/<slug>/appoint reason",
    "POST /tools/<name>/offer note",
    "POST /tracks/<slug>/<step_slug>/done note",
}
"""Some of the fields that take whatever is typed."""


class Read(HTMLParser):
    """What a page would do: every element and attribute that runs something or leads to something that does."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is active."""
        known = dict(attrs)
        if tag in ACTIVE or (tag == "script" and not (known.get("src") or "").startswith("/static/")):
            self.active.append(tag)
        for name, value in attrs:
            leads = name in {"href", "src", "action", "formaction", "xlink:href", "srcdoc", "data"}
            if name.startswith("on") or name == "style" or (leads and not is_fine(value or "", known)):
                self.active.append(f"{tag} {name}={value}")


def is_fine(address: str, attributes: dict[str, str | None]) -> bool:
    """Whether a link leads to a page: ours, or one that speaks HTTP or takes mail."""
    scheme = re.match(r"[\s\x00-\x20]*([a-z][a-z0-9+.\-\s]*):", address, re.I)
    return not scheme or scheme[1].lower() in {"http", "https", "mailto", "xmpp"}


@pytest.fixture(scope="module")
def post() -> Postbox:
    return Postbox()


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    databases: Databases,
    compiled_templates: FileSystemBytecodeCache,
    post: Postbox,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("hostile")
    with making_sites(folder, databases, compiled_templates) as make_site:
        yield hostile_world(folder, make_site, post)


def readers(world: World, route: str) -> list[str]:
    """Everybody who is shown this page."""
    rule = routes.every_route(world.site.app)[route]
    everybody = ("visitor", "nobody", "steward", *ROUTES[route].others, *routes.owners(rule))
    return [who for who in dict.fromkeys(everybody) if ROUTES[route].expected(who) not in {DOOR, "403", "404"}]


def outputs(world: World) -> Iterator[tuple[str, str, str, str]]:
    """Every answer of the site: route, who reads it, its type, its text."""
    known = routes.every_route(world.site.app)
    for route in PAGES:
        for who in readers(world, route):
            with world.browser(who).get(routes.address(world, known[route])) as answer:
                assert answer.status_code < 500, (route, who)
                if not answer.mimetype.startswith(("image/", "font/")):
                    yield route, who, answer.mimetype, answer.text


def check(mimetype: str, text: str) -> list[str]:
    """What of this output would do something where it is opened."""
    if mimetype == "text/html":
        return Read(text).active
    if mimetype == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        return [cell for cell in cells if FORMULA.match(cell) and not NUMBER.match(cell)]
    if mimetype.endswith(("json", "+json")):
        json.loads(text)
    elif mimetype.endswith("xml"):
        parts = [part for part in ET.fromstring(text).iter() if part.get("type") == "html"]
        return [found for part in parts for found in Read(part.text or "").active]
    return []


def test_nothing_that_was_typed_runs_anywhere(world: World, post: Postbox) -> None:
    took = write_everywhere(world, ending=False)
    shown = look_at_all(world)
    took |= write_everywhere(world, ending=True)
    shown |= look_at_all(world)
    assert took >= TAKEN
    assert len(shown) > 40, sorted(shown)
    world.site.work("activity.hand_over", "mail.deliver")
    letters = [letter for letter in post.sent if MARK in text_of(letter)]
    assert len(letters) > 5
    for letter in letters:
        look_at_letter(letter)
    assert len(standing(world, set(world.people))) > 5
    assert standing(world, leave_all(world)) == {}


def leave_all(world: World) -> set[str]:
    """Everybody who may deletes their account, and files are cleaned; who has left."""
    left = set()
    for who in world.people:
        if world.browser(who).post("/people/me/delete").location == "/people/sign-in":
            left.add(who)
    world.site.work("search.index", "people.complete_erasures")
    with world.site.unit_of_work() as session:
        gone = {who for who in left if session.get_one(Person, world.people[who].id).deleted_at}
    assert gone == left
    assert len(gone) > 8
    return gone


def standing(world: World, people: set[str]) -> dict[str, list[str]]:
    """Of whom of these something that they typed stands in the database, and in which tables."""
    with world.site.portal.database.session(read_only=True) as session:
        tables = {table.name: str(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables}
    found = {who: [name for name, rows in tables.items() if mark_of(who) in rows] for who in people}
    return {who: names for who, names in found.items() if names}


def look_at_all(world: World) -> set[str]:
    """Check every output; the routes that show something hostile."""
    shown = set()
    for route, who, mimetype, text in outputs(world):
        assert check(mimetype, text) == [], (route, who)
        if MARK in text:
            shown.add(route)
    return shown


def look_at_letter(letter: EmailMessage) -> None:
    """A letter goes to one address, in headers of one line each, and runs nothing."""
    assert Read(html_of(letter)).active == ["style"], "our own"
    again: Any = bytes(letter)
    head = again.partition(b"\n\n")[0].decode()
    assert re.findall(r"^(?:bcc|cc|x-injected):", head, re.I | re.M) == []
    assert len(letter.get_all("To")) == 1
