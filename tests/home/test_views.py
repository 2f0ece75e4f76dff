"""The front page, the dashboard and the help, as people meet them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import event

from portal.contributions.models import Change, Source
from portal.core import clock
from portal.core.web import safe_next
from portal.home.content import HelpPages
from portal.mentoring.actions import requests
from portal.people.models import Account
from tests import make

CONTENT = Path(__file__).parents[2] / "content"


def count_statements(site: Any, client: Any, path: str) -> int:
    statements = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(statement)

    event.listen(site.portal.database.engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    event.remove(site.portal.database.engine, "before_cursor_execute", note)
    return len(statements)


def add_change(session: Any, number: int = 1, **values: Any) -> Change:
    """An open change on a source, of a newcomer who waits for a reviewer unless it is said otherwise."""
    source = session.query(Source).first()
    now = clock.now()
    if source is None:
        source = Source(
            slug="gerrit", kind="gerrit", name="Gerrit", url="https://gerrit.example", due_at=now, is_active=True
        )
        session.add(source)
        session.flush()
    known = {
        "title": f"Mend <the> gate {number}",
        "author_username": "nora",
        "author_name": "Nora",
        "waiting_on": "reviewer",
        "waiting_reason": "no_response",
        "waiting_since": now - timedelta(days=number),
        "is_newcomer": True,
        "project": "tools/gate",
        "state": "open",
        "created_at": now - timedelta(days=number),
        "url": f"https://gerrit.example/c/{number}",
    }
    made = Change(
        source_id=source.id,
        key=str(number),
        number=number,
        author_is_bot=False,
        work_in_progress=False,
        patchsets=1,
        updated_at=now,
        **{**known, **values},
    )
    session.add(made)
    session.flush()
    return made


def zeros(page: str) -> list[str]:
    """What a page counts although there is none of it."""
    return re.findall(r"\b0 \w+", Markup(page.partition("<main")[2].partition("</main>")[0]).striptags())


def test_the_front_page_of_an_empty_site_invites_and_breaks_nothing(site: Any) -> None:
    page = site.client().get("/").text
    for words in ("I am new here", "I can help others", "I review and maintain", "I want to take something on"):
        assert words in page
    assert "be among the first" in page
    assert not zeros(page)
    for address in ("/mentoring/apply", "/mentoring/ask", "/roles/", "/people/sign-up"):
        assert f'href="{address}"' in page


def test_a_site_that_has_begun_counts_what_there_is_and_no_zeros(site: Any) -> None:
    with site.unit_of_work() as session:
        make.mentor(session, python=4)
    page = site.client().get("/").text
    assert "be among the first" not in page
    assert "2 mentor seats are free" in page
    assert "No newcomer waits for a reviewer." in page
    assert not zeros(page)


def test_the_front_page_shows_who_waits_longest_and_who_can_help(site: Any) -> None:
    with site.unit_of_work() as session:
        add_change(session, 3)
        make.mentor(session, python=4)
        make.request(session, make.speaker(session, "noor"))
    page = site.client().get("/").text
    assert "Mend &lt;the&gt; gate 3" in page
    assert "1 newcomer waits for a mentor" in page
    assert "1 change waits for a reviewer" in page
    assert "Free seats by skill" in page


def test_the_dashboard_is_for_those_who_are_signed_in(site: Any) -> None:
    assert "/people/sign-in" in site.client().get("/dashboard").location


def test_who_has_only_named_skills_gets_one_next_step_and_no_empty_boxes(site: Any) -> None:
    with site.unit_of_work() as session:
        somebody = make.speaker(session, python=1)
    page = make.sign_in(site.client(), somebody).get("/dashboard").text
    assert "Ask for a mentor" in page
    assert page.count('class="button primary"') == 1
    assert page.count('class="card"') == 0
    assert "See the roles" in page.partition("More ways to take part:")[2]


def test_a_mentor_sees_whose_turn_it_is_and_who_fits(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, mentee = make.mentor(session, "mira"), make.speaker(session, "noor")
        asked = make.request(session, mentee)
        make.request(session, make.speaker(session, "yuki"))
        make.request(session, make.speaker(session, "emil"), musts="rust")
        requests.claim(session, asked.id, mentor, clock.now())
    page = make.sign_in(site.client(), mentor).get("/dashboard").text
    assert "Noor waits for your answer." in page
    assert "Yuki" in page
    assert "Emil" not in page, "a request that nothing fits is not a request that fits"


def test_ones_own_changes_show_whose_turn_it_is(site: Any) -> None:
    with site.unit_of_work() as session:
        add_change(session, 1)
        add_change(session, 2, waiting_on="author", waiting_reason="changes_requested")
        add_change(session, 3, author_username="somebody-else", title="Not mine")
        nora = make.person(session, "nora-here")
        nora.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
    page = make.sign_in(site.client(), nora).get("/dashboard").text
    assert "Your change “Mend &lt;the&gt; gate 2” is waiting for you." in page
    assert 'href="https://gerrit.example/c/2"' in page
    assert "Not mine" not in page


def test_a_mentor_sees_the_open_changes_of_those_they_mentor_and_of_nobody_else(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, mentee = make.mentor(session, "mira"), make.speaker(session, "noor")
        mentee.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
        asked = make.request(session, mentee)
        requests.claim(session, asked.id, mentor, clock.now())
        add_change(session, 1, waiting_on="author", waiting_reason="changes_requested")
        add_change(session, 2, author_username="somebody-else", title="Not theirs")
    page = make.sign_in(site.client(), mentor).get("/dashboard").text
    assert "Changes of your mentees" in page
    assert "Noor’s turn" in page
    assert "Not theirs" not in page
    assert "Changes of your mentees" not in make.sign_in(site.client(), mentee).get("/dashboard").text


def test_the_dashboard_takes_the_same_statements_however_much_there_is(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "mira", capacity=9)
        mentor.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
        mentee = make.speaker(session)
        mentee.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
        asked = make.request(session, mentee)
        requests.claim(session, asked.id, mentor, clock.now())
        make.request(session, make.speaker(session))
        add_change(session, 1)
    client = make.sign_in(site.client(), mentor)
    few = count_statements(site, client, "/dashboard")
    with site.unit_of_work() as session:
        for number in range(2, 8):
            mentee = make.speaker(session)
            mentee.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
            asked = make.request(session, mentee)
            make.request(session, make.speaker(session))
            add_change(session, number)
            requests.claim(session, asked.id, mentor, clock.now())
    assert count_statements(site, client, "/dashboard") == few
    assert few <= 24


def test_the_front_page_takes_few_statements(site: Any) -> None:
    assert count_statements(site, site.client(), "/") <= 10


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_help_page_opens_in_every_language(site: Any, language: str) -> None:
    slugs = [page.slug for page in site.portal.library.get(HelpPages).all("en")]
    assert {"getting-started", "how-pairing-works", "the-review-queue", "privacy"} <= set(slugs)
    for slug in slugs:
        page = site.client().get(f"/help/{slug}?uselang={language}")
        assert page.status_code == 200
        assert f'<article class="prose" lang="{language}"' in page.text
    assert site.client().get(f"/help/?uselang={language}").status_code == 200


def test_a_help_page_that_nobody_wrote_is_a_404(site: Any) -> None:
    assert site.client().get("/help/nothing").status_code == 404


def test_every_link_in_the_content_leads_somewhere(site: Any) -> None:
    client, dead = site.client(), []
    for path in CONTENT.rglob("*.md"):
        for target in set(re.findall(r"\]\((/[^)#\s]*)", path.read_text())):
            if client.get(safe_next(target, "/")).status_code not in {200, 302, 303, 308}:
                dead.append((path.name, target))
    assert not dead


def test_health_is_told_to_monitoring(site: Any) -> None:
    answer = site.client().get("/healthz")
    assert answer.json == {"status": "ok", "database": True, "worker_seen_seconds_ago": None}
    site.work()
    assert site.client().get("/healthz").json["worker_seen_seconds_ago"] is not None


def test_the_privacy_page_is_where_people_look_for_it(site: Any) -> None:
    assert site.client().get("/privacy").location == "/help/privacy"
