"""Whom and what people mention becomes a link: people, skills, changes, tracks and steps."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from sqlalchemy import event, update

from portal.contributions.models import Source
from portal.people.models import Person
from tests import make
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change

GERRIT = "https://gerrit.example.org/r/c/tools/maps/+/1234"
GITLAB = "https://gitlab.example.org/tools/wiki/-/merge_requests/7"
SOURCES = TWO_SOURCES.replace("http://127.0.0.1:1", "https://gerrit.example.org/r").replace(
    "http://127.0.0.1:2", "https://gitlab.example.org"
)
STEP = "/tracks/first-change-on-gerrit/find-a-small-task"


@pytest.fixture
def site(make_site: Any) -> Any:
    """A site of two sources, each with a change, and four people: bo and Zoe agreed to be found."""
    sources = {
        "gerrit": StandInSource(change(1234, project="tools/maps", title="Draw <b> rivers", url=GERRIT)),
        "gitlab": StandInSource(change(7, project="tools/wiki", title="سطر جديد", url=GITLAB)),
    }
    with time_machine.travel(NOW, tick=False):
        made = make_site(SOURCES, clients=StandInClients(**sources))
        made.work("contributions.sync_sources")
        with made.unit_of_work() as session:
            make.person(session, "ana")
            make.person(session, "bo", is_findable=True)
            make.person(session, "zoe-2.x", is_findable=True)
            make.person(session, "shy")
        yield made


def shown(site: Any, text: str) -> str:
    """The part of ana's page that shows this text."""
    with site.unit_of_work() as session:
        session.execute(update(Person).where(Person.username == "ana").values(about=text))
    page: str = site.client().get("/people/ana").text
    return page.partition('<div class="prose">')[2].partition("</div>")[0]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Thank you @bo!", '<a href="/people/bo" rel="nofollow noopener ugc">@bo</a>!'),
        ("(@Zoe-2.x.)", '(<a href="/people/zoe-2.x" rel="nofollow noopener ugc">@Zoe-2.x</a>.)'),
        ("مرحبا @bo", 'مرحبا <a href="/people/bo" rel="nofollow noopener ugc">@bo</a>'),
        ("I know #python.", '<a href="/mentoring/mentors?skill=python" rel="nofollow noopener ugc">#python</a>.'),
        ("and #C++, too", '">#C++</a>, too'),
    ],
)
def test_people_and_skills_are_links_as_they_were_written(site: Any, text: str, link: str) -> None:
    assert link in shown(site, text)


@pytest.mark.parametrize(
    "text",
    ["@shy", "@nobody-here", "#no-such-skill", "bo@example", "`@bo`", "    @bo", "x@bo", "/@bo", "#1234", "@deleted-1"],
)
def test_who_did_not_agree_and_what_is_not_there_is_no_link(site: Any, text: str) -> None:
    assert "<a " not in shown(site, text)


@pytest.mark.parametrize("more", ["", "/3", "?tab=comments", "."])
def test_the_address_of_a_change_is_its_title_and_number(site: Any, more: str) -> None:
    assert f'<a href="{GERRIT}" rel="nofollow noopener ugc">Draw &lt;b&gt; rivers (1234)</a>' in shown(
        site, GERRIT + more
    )
    assert f'<a href="{GITLAB}" rel="nofollow noopener ugc">سطر جديد (!7)</a>' in shown(site, f"see {GITLAB}#note_2")
    assert "Draw &lt;b&gt; rivers (1234)" in shown(site, "<https://gerrit.example.org/r/1234>")


def test_what_left_a_server_or_the_settings_is_an_address_again(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Source).where(Source.slug == "gerrit").values(is_active=False))
    assert f">{GERRIT}</a>" in shown(site, GERRIT)
    other = GERRIT.replace("1234", "99")
    assert f">{other}</a>" in shown(site, other)


def test_a_step_and_a_track_are_shown_by_their_titles(site: Any) -> None:
    root = site.portal.config.site.url.rstrip("/")
    assert f'<a href="{STEP}#x" rel="nofollow noopener ugc">Find a small task</a>' in shown(site, f"{root}{STEP}#x")
    assert '<a href="/tracks/first-change-on-gerrit" rel=' in shown(site, f"{root}/tracks/first-change-on-gerrit")
    assert f">{root}/tracks/none</a>" in shown(site, f"{root}/tracks/none")


def test_a_link_with_words_of_its_own_keeps_them(site: Any) -> None:
    assert f'<a href="{GERRIT}" rel="nofollow noopener ugc">my @bo change</a>' in shown(
        site, f"[my @bo change]({GERRIT})"
    )


def test_all_texts_of_a_page_take_one_statement_for_people_and_one_for_changes(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "mia")
        asker = make.person(session, "new")
        goal = f"With @bo and @ana at {GERRIT}"
        request = make.request(session, asker, goal=goal)
        request_id = request.id
    make.sign_in(site.client(), mentor).post(f"/mentoring/requests/{request_id}/claim")
    browser = make.sign_in(site.client(), mentor)
    for text in ("Hello @bo", "Ask @zoe-2.x", f"See {GITLAB} and {GERRIT}", "@shy and @bo"):
        assert browser.post("/mentoring/pairings/1/messages", data={"text": text}).status_code == 303
    seen: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    page = browser.get("/mentoring/pairings/1").text
    assert page.count('<a href="/people/bo" rel="nofollow noopener ugc">') == 3
    assert page.count("Draw &lt;b&gt; rivers (1234)") == 2
    assert len([one for one in seen if "people.username IN" in one]) == 1
    assert len([one for one in seen if "JOIN sources" in one and "changes.title" in one]) == 1


def test_a_page_without_mentions_asks_nothing(site: Any) -> None:
    seen: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    shown(site, "Nothing but words.")
    assert not [one for one in seen if "people.username IN" in one]
