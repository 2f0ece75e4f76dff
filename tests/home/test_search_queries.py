"""What people type finds what they want: a list of questions in many languages, on the demo with invented rows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from portal import demo
from portal.app import create_app
from portal.contributions.models import Change, Source
from portal.core import clock
from portal.core.indexing import index_documents
from portal.core.reindexing import begin_rebuild
from tests import make
from tests.settings import parse_config

LIST = Path(__file__).parent.parent / "data" / "search" / "queries.toml"
QUESTIONS = tomllib.loads(LIST.read_text(encoding="utf-8"))
FIRST = 3
SERVER = "https://gerrit.wikimedia.org/r"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, databases: Any) -> Iterator[Any]:
    """The demo with the rows of the list."""
    config = parse_config("[limits]\nlists_per_minute = 10000\n")
    data_dir = tmp_path_factory.mktemp("queries")
    config = config.model_copy(
        update={
            "site": config.site.model_copy(update={"data_dir": data_dir}),
            "database": config.database.model_copy(update={"url": databases.fresh()}),
        }
    )
    portal = create_app(config, environ={"PORTAL_SECRET_KEY": "test"}, in_memory_queue=True).extensions["portal"]
    portal.app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    list(demo.load(portal))
    with portal.unit_of_work() as session:
        add_rows(session)
        begin_rebuild(session)
    index_documents(portal)
    yield portal
    portal.database.dispose()
    databases.drop(config.database.url)


def add_rows(session: Any) -> None:
    for name, title, description in QUESTIONS["tools"]:
        make.tool(session, name, title=title, description=description)
    for username, name, about in QUESTIONS["people"]:
        make.person(session, username, display_name=name, about=about, is_findable=True)
    source = session.query(Source).first()
    some = session.query(Change).filter_by(source_id=source.id).first()
    same = {column.key: getattr(some, column.key) for column in Change.__table__.c if column.key != "id"}
    for number, project, title, change_id in QUESTIONS["changes"]:
        told = {"number": number, "key": str(number), "project": project, "title": title, "change_id": change_id}
        url = f"{SERVER}/c/{project}/+/{number}"
        session.add(Change(**{**same, **told, "url": url, "created_at": clock.now(), "state": "open"}))


def first_hits(portal: Any, words: str, reader: str) -> list[str]:
    answer = portal.app.test_client().get("/search", query_string={"q": words, "uselang": reader})
    assert answer.status_code == 200
    lists = re.findall(r'<ul class="plain hits">.*?</ul>', answer.text, flags=re.DOTALL)
    titles = re.findall(r"<li>\s*<p>.*?<bdi[^>]*>(.*?)</bdi>", "".join(lists), flags=re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", title)) for title in titles[:FIRST]]


def test_the_list_is_long_and_in_many_languages() -> None:
    questions = QUESTIONS["questions"]
    assert sum(len(one["asks"]) for one in questions) >= 150
    assert len({one["language"] for one in questions if len(one["asks"]) >= 5}) >= 12


def test_what_is_wanted_stands_among_the_first_three(town: Any) -> None:
    missed = []
    for one in QUESTIONS["questions"]:
        for words, wanted in one["asks"]:
            hits = first_hits(town, words, one.get("reader", "en"))
            if wanted not in hits:
                missed.append((one["language"], words, wanted, hits))
    many = sum(len(one["asks"]) for one in QUESTIONS["questions"])
    assert len(missed) <= many * 0.05, missed
