"""One box finds what everybody may see, says where it stands, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, update

from portal.contributions.models import Change, Source
from portal.core import clock
from portal.core.indexing import SWEEP
from portal.home.search import PAGE
from portal.mentoring.models import Mentor, MentorState, RequestState
from portal.people import actions
from portal.people.models import Account, Person
from portal.roles.models import RoleHolder
from portal.tools.models import Tool
from tests import make
from tests.home.test_views import add_change

KINDS = ("tracks", "help", "skills", "roles", "mentors", "tools", "changes", "people")


def find(site: Any, words: str, browser: Any = None, **more: str) -> str:
    answer = (browser or site.client()).get("/search", query_string={"q": words, **more})
    assert answer.status_code == 200
    return str(answer.text)


def groups_in(page: str) -> list[str]:
    return [kind for kind in re.findall(r'<h2 id="(\w+)">', page) if kind in KINDS]


@pytest.fixture
def gates(site: Any) -> Any:
    """A site in which there is something of each stored kind about gates."""
    with site.unit_of_work() as session:
        add_change(session, 1, title="Mend the gâte")
        make.tool(session, "gate-keeper", title="Gate keeper")
        mentor = session.get(Mentor, make.mentor(session, "mira").id)
        mentor.pitch = "I know every gate."
        make.person(session, "gaston", display_name="Gaston Gateau", is_findable=True)
        make.all_due(session)
    site.work(SWEEP)
    return site


def test_an_empty_box_says_what_can_be_found(site: Any) -> None:
    page = find(site, "")
    assert "What you can find" in page
    assert "Learning tracks and their steps" in page
    assert 'href="/search?q=Python"' in page


def test_every_page_has_the_box_and_it_needs_no_script(site: Any) -> None:
    page = site.client().get("/reviews").text
    assert re.search(r'<form class="search wide" method="get" action="/search" role="search"', page)


def test_what_is_found_stands_in_groups_with_its_words_marked(gates: Any) -> None:
    page = find(gates, "gate")
    assert set(groups_in(page)) == {"mentors", "people", "tools", "changes"}
    assert "Mend the <mark>gâte</mark>" in page
    assert "I know every <mark>gate</mark>." in page
    assert "Gaston <mark>Gate</mark>au" in page
    assert "<mark>Gate</mark> keeper" in page


@pytest.mark.parametrize("words", ["GÂTE", "gat", "g", "  mend   GAT ", "mend,gate!", "gate mend the"])
def test_words_are_found_by_how_they_begin_whatever_their_case_and_accents(gates: Any, words: str) -> None:
    assert "changes" in groups_in(find(gates, words))


def test_all_words_must_be_there(gates: Any) -> None:
    assert "changes" not in groups_in(find(gates, "gate zebra"))


def test_a_change_is_found_by_its_number_its_project_and_its_author(gates: Any) -> None:
    for words in ("tools gate 1", "nora", "Nora gate"):
        assert "changes" in groups_in(find(gates, words))


def test_a_script_in_a_title_stays_text(site: Any) -> None:
    with site.unit_of_work() as session:
        add_change(session, 1, title="<script>alert(1)</script> gate", project="<b>gate</b>")
        make.all_due(session)
    site.work(SWEEP)
    page = find(site, "gate script")
    assert "&lt;<mark>script</mark>&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_content_is_found_in_the_language_of_the_reader(site: Any) -> None:
    assert "Vie <mark>privée</mark>" in find(site, "privee", uselang="fr")
    assert "help" not in groups_in(find(site, "privee", uselang="en"))


def test_a_skill_leads_to_its_mentors_and_mentors_are_found_by_its_other_names(site: Any) -> None:
    with site.unit_of_work() as session:
        make.mentor(session, "mira", python=4)
        make.mentor(session, "timo", rust=4)
        make.all_due(session)
    site.work(SWEEP)
    page = find(site, "pytho")
    assert 'href="/mentoring/mentors?skill=python"' in page
    assert "Mira" in page
    assert "Timo" not in page


LANGUAGES = {"C": "c", "c++": "cpp", "C#": "csharp", "f#": "fsharp", ".net": "dotnet", "R": "r", "go": "go"}
OTHER_NAMES = {"golang": "go", "js": "javascript", "Node.js": "nodejs", "nodejs": "nodejs", "c sharp": "csharp"}


@pytest.mark.parametrize(("words", "skill"), [*LANGUAGES.items(), *OTHER_NAMES.items()])
def test_what_is_called_like_a_skill_leads_to_it_first_and_to_those_who_have_it(
    site: Any, words: str, skill: str
) -> None:
    with site.unit_of_work() as session:
        for slug in (*LANGUAGES.values(), "nodejs", "javascript"):
            make.mentor(session, f"knows-{slug}", **{slug: 3})
        make.all_due(session)
    site.work(SWEEP)
    page = find(site, words)
    assert groups_in(page)[0] == "skills"
    [first, *_] = re.findall(r"/mentoring/mentors\?skill=([\w-]+)", page)
    assert first == skill
    [first, *_] = re.findall(r"/people/knows-([\w-]+)", page)
    assert first == skill


def test_words_are_found_by_their_plurals_and_endings_in_english_and_french(gates: Any) -> None:
    with gates.unit_of_work() as session:
        make.tool(session, "abc", title="Outil de relecture des modifications", keywords=["policies"])
        make.all_due(session)
    gates.work(SWEEP)
    for words in ("mending gates", "policy", "relectures", "modification", "outils"):
        assert {"tools", "changes"} & set(groups_in(find(gates, words, uselang="fr"))), words
    assert "changes" in groups_in(find(gates, "mended gates"))


def test_somebody_is_found_only_once_they_agreed_and_no_longer_from_the_moment_they_do_not(site: Any) -> None:
    with site.unit_of_work() as session:
        gaston = make.person(session, "gaston", about="I like harpsichords.")
    browser = make.sign_in(site.client(), gaston)
    form = {"display_name": "Gaston", "about": "I like harpsichords.", "language": "en", "time_zone": ""}
    browser.post("/people/me", data=form)
    site.work(SWEEP)
    assert groups_in(find(site, "gaston")) == groups_in(find(site, "harpsichord")) == []

    browser.post("/people/me", data={**form, "is_findable": "y"})
    site.work(SWEEP)
    assert groups_in(find(site, "gaston")) == ["people"]
    assert "I like <mark>harpsichord</mark>s." in find(site, "harpsichord")

    browser.post("/people/me", data=form)
    assert groups_in(find(site, "gaston")) == [], "before any sweep"
    site.work(SWEEP)
    assert groups_in(find(site, "gaston")) == []


def test_nobody_is_found_by_what_only_others_or_only_they_may_see(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", is_findable=True, email="secret@example.org", time_zone="Europe/Paris")
        ana.accounts = [Account(service="gerrit", username="hiddenname", added_at=make.NOON)]
        make.request(session, make.speaker(session, "noor"))
        make.request(session, make.speaker(session, "yuki"), state=RequestState.WITHDRAWN, live_key=None)
        make.all_due(session)
    site.work(SWEEP)
    for words in ("secret", "europe", "hiddenname", "gadget", "noor", "yuki"):
        page = find(site, words)
        assert "people" not in groups_in(page) and "mentors" not in groups_in(page), words
        assert "mend a gadget" not in page


def test_who_left_is_gone_at_once(site: Any) -> None:
    with site.unit_of_work() as session:
        gaston = make.person(session, "gaston", is_findable=True)
        make.all_due(session)
    site.work(SWEEP)
    assert groups_in(find(site, "gaston")) == ["people"]
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get_one(Person, gaston.id), clock.now())
    assert "people" not in groups_in(find(site, "gaston")) + groups_in(find(site, "former"))
    site.work(SWEEP)
    assert "people" not in groups_in(find(site, "deleted"))


def test_a_mentor_without_the_role_or_without_a_yes_is_not_found_as_one(site: Any) -> None:
    with site.unit_of_work() as session:
        ended, declined, asks = (make.mentor(session, name) for name in ("gate1", "gate2", "gate3"))
        make.mentor(session, "gate4")
        make.all_due(session)
    site.work(SWEEP)
    assert find(site, "gate").count("/people/gate") == 4
    with site.unit_of_work() as session:
        session.execute(
            update(RoleHolder).where(RoleHolder.person_id == ended.id).values(ended_at=clock.now(), active_key=None)
        )
        session.get_one(Mentor, declined.id).state = MentorState.DECLINED
        session.get_one(Mentor, asks.id).state = MentorState.APPLIED
    page = find(site, "gate")
    assert re.findall(r"/people/gate\d", page) == ["/people/gate4"]
    assert groups_in(find(site, "i help")) == ["mentors"] or "/people/gate1" not in find(site, "i help")


def test_what_a_mentor_offers_finds_them_as_a_mentor_only(site: Any) -> None:
    with site.unit_of_work() as session:
        mira = make.mentor(session, "mira")
        mira.is_findable = True
        session.get(Mentor, mira.id).pitch = "Harpsichords."
        make.all_due(session)
    site.work(SWEEP)
    assert groups_in(find(site, "harpsichord")) == ["mentors"]
    with site.unit_of_work() as session:
        session.execute(delete(RoleHolder))
    assert groups_in(find(site, "harpsichord")) == []
    assert groups_in(find(site, "mira")) == ["people"]


def test_changes_of_a_source_that_left_the_settings_are_not_found(gates: Any) -> None:
    with gates.unit_of_work() as session:
        session.execute(update(Source).values(is_active=False))
    assert "changes" not in groups_in(find(gates, "gate"))
    assert "Mend the" not in find(gates, "gate", **{"in": "changes"})


def test_open_changes_come_first_then_the_newest_and_the_very_title_before_all(site: Any) -> None:
    with site.unit_of_work() as session:
        add_change(session, 1, title="Gate old")
        add_change(session, 2, title="Gate older")
        add_change(session, 3, title="Gate", state="merged", waiting_on="nobody")
        add_change(session, 4, title="Gate merged", state="merged", waiting_on="nobody", created_at=clock.now())
        add_change(session, 5, title="Gate new", created_at=clock.now())
        make.all_due(session)
    site.work(SWEEP)
    page = find(site, "gate").replace("<mark>", "").replace("</mark>", "")
    assert re.findall(r"/c/(\d)", page) == ["3", "5", "1", "2", "4"]
    assert re.findall(r"/c/(\d)", find(site, "gate", **{"in": "changes"})) == ["5", "1", "2", "4", "3"]


def test_a_change_that_was_renamed_is_found_by_its_new_title_only(gates: Any) -> None:
    with gates.unit_of_work() as session:
        session.execute(update(Change).values(title="Paint the door"))
        make.all_due(session)
    gates.work(SWEEP)
    assert "changes" in groups_in(find(gates, "door"))
    assert "changes" not in groups_in(find(gates, "mend"))


def test_a_tool_that_is_gone_is_not_found(gates: Any) -> None:
    assert "tools" in groups_in(find(gates, "keeper"))
    with gates.unit_of_work() as session:
        for tool in session.query(Tool):
            session.delete(tool)
    assert "tools" not in groups_in(find(gates, "keeper"))


def test_many_are_counted_up_to_a_hundred_and_turned_over_page_by_page(site: Any) -> None:
    with site.unit_of_work() as session:
        for number in range(1, PAGE + 8):
            add_change(session, number, title=f"Gate {number}")
        make.all_due(session)
    site.work(SWEEP)
    page = find(site, "gate")
    assert len(re.findall(r"/c/\d+", page)) == 5
    assert f"All {PAGE + 7}" in page
    first = find(site, "gate", **{"in": "changes"})
    following = re.search(r'href="(/search\?[^"]+cursor=[^"]+)" rel="next"', first)
    assert following
    second = site.client().get(following[1].replace("&amp;", "&")).text
    seen = re.findall(r"/c/(\d+)", first) + re.findall(r"/c/(\d+)", second)
    assert sorted(map(int, seen)) == list(range(1, PAGE + 8))
    with site.unit_of_work() as session:
        for number in range(PAGE + 8, 120):
            add_change(session, number, title=f"Gate {number}")
        make.all_due(session)
    site.work(SWEEP)
    assert "All of them, more than 100" in find(site, "gate")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_page_of_its_own(gates: Any, kind: str) -> None:
    assert "<h1>" in find(gates, "gate", **{"in": kind})


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LDFd", "Wy01LDFd"])
def test_a_cursor_of_somebody_elses_making_is_refused(gates: Any, cursor: str) -> None:
    answer = gates.client().get("/search", query_string={"q": "gate", "in": "changes", "cursor": cursor})
    assert answer.status_code in {200, 422}


def test_nothing_found_says_so_and_where_to_ask(site: Any) -> None:
    page = find(site, "zebra quagga")
    assert "Nothing here has all of these words." in page
    assert "/mentoring/ask" in page
    assert 'href="/search?q=quagga"' in page


OPERATORS = ['"', "gate AND", "NOT", "a OR b", "NEAR(a b)", "gate*", "-gate", ":x", "words:gate", "^a", "{a b}", "("]
SIGNS = ["'", "';--", "'' OR 1=1", "!!!", "%", "_", "%_%", "\\", "&|!", "<->", "=gate", "+gate", "#python"]
LETTERS = ["🎉", "שער", "بوابة", "\u202egate", "維基", "x" * 7_000, "a " * 3_500, "%" * 2_500, "\u0301"]


@pytest.mark.parametrize("words", [*OPERATORS, *SIGNS, *LETTERS])
def test_no_words_break_the_search(gates: Any, words: str) -> None:
    for more in ({}, {"in": "changes"}, {"in": "mentors"}, {"in": "tools"}, {"in": "help"}):
        find(gates, words, **more)


def test_a_nul_is_refused_kindly(gates: Any) -> None:
    assert gates.client().get("/search?q=a%00b").status_code == 422


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60))
def test_whatever_is_typed_the_page_stands(gates: Any, words: str) -> None:
    find(gates, words)


@pytest.mark.parametrize("more", [{}, {"in": "changes"}, {"in": "people"}])
def test_a_page_takes_four_statements_at_most_the_beginning_among_them(gates: Any, more: dict[str, str]) -> None:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    engine = gates.portal.database.engine
    event.listen(engine, "before_cursor_execute", note)
    find(gates, "gate", **more)
    event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= 4, seen


def test_who_is_signed_in_finds_the_same(gates: Any) -> None:
    with gates.unit_of_work() as session:
        somebody = make.person(session)
    browser = make.sign_in(gates.client(), somebody)
    assert groups_in(find(gates, "gate", browser)) == groups_in(find(gates, "gate"))
