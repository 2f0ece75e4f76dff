"""The end of a track: what one can do now, one's profile, and what to do next."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.app import load_content
from portal.core import clock
from portal.core.content import BrokenContentError
from portal.core.i18n import SOURCE_LANGUAGE
from portal.mentoring.actions import requests
from portal.people.actions import set_skill
from portal.people.models import Person, PersonSkill
from portal.tracks.content import Tracks
from portal.tracks.models import Enrolment
from portal.tracks.rules import following_tracks, skills_to_offer
from tests import make
from tests.made_content import TOML
from tests.make import NOON
from tests.tracks.conftest import KNOW, MAP, RIGHT

OUTCOMES = """outcomes = ["See what git would do.", "Undo a step with Ctrl-Z."]
outcomes_fr = ["Voir ce que git ferait.", "Revenir en arrière avec Ctrl-Z."]
"""


def say(folder: Path, lines: str) -> Path:
    """The head of the small track says this, too."""
    path = folder / "tracks" / "first-steps" / "track.toml"
    path.write_text(TOML.replace('source = "gerrit"', f'{lines}source = "gerrit"'), encoding="utf-8")
    return folder


def skills_of(school: Any, person: Person) -> dict[str, int]:
    with school.site.unit_of_work() as session:
        mine = session.scalars(select(PersonSkill).where(PersonSkill.person_id == person.id))
        return {row.skill: row.level for row in mine}


def claim(browser: Any, *skills: str, track: str = "first-steps") -> Any:
    return browser.post("/tracks/skills", data={"track": track, "skills": list(skills)})


def test_what_one_can_do_afterwards_stands_on_the_track_and_at_its_end(school: Any, folder: Path) -> None:
    school.reread(say(folder, OUTCOMES))
    assert "What you can do afterwards:" in school.browser().get(MAP).text
    _ana, browser = school.learner(steps=3)
    page = browser.get(MAP).text
    assert "What you can do now" in page
    assert "What you can do afterwards:" not in page
    assert page.index("Undo a step with Ctrl-Z.") < page.index("The steps")
    assert "Revenir en arrière avec Ctrl-Z." in browser.get(f"{MAP}?uselang=fr").text


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('outcomes = ["One.", "Two."]\noutcomes_fr = ["Une."]\n', "outcomes_fr has 1 sentences, outcomes has 2"),
        ('outcomes = ["One."]\n', "outcomes_fr has 0 sentences, outcomes has 1"),
        ('outcomes_fr = ["Une."]\n', "outcomes_fr has 1 sentences, outcomes has 0"),
        ('outcomes = "One."\noutcomes_fr = "Une."\n', "outcomes: input should be a valid list"),
        ('outcomes = [" "]\noutcomes_fr = []\n', "outcomes.1: string should have at least 1 character"),
    ],
)
def test_outcomes_are_said_whole_in_each_language(folder: Path, lines: str, told: str) -> None:
    with pytest.raises(BrokenContentError) as broken:
        load_content(say(folder, lines))
    assert any(problem.what == told and "track.toml" in problem.file for problem in broken.value.problems)


def test_tracks_that_are_shipped_say_what_one_can_do_afterwards() -> None:
    for track in load_content().get(Tracks):
        for language in track.texts:
            assert 2 <= len(track.text_in(language).outcomes) <= 5
            assert track.text_in(language).outcomes != track.text_in(SOURCE_LANGUAGE).outcomes or language == "en"


def test_a_finished_track_offers_its_skills_with_one_button(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    assert "Add to my profile" not in browser.get(MAP).text
    browser.post(f"{KNOW}/answer", data=RIGHT)
    page = browser.get(MAP).text
    assert page.count("Add to my profile") == 1
    assert 'value="git" checked' in page
    assert "Git: at ease" in page
    answer = claim(browser, "git")
    assert (answer.status_code, answer.location) == (303, MAP)
    assert skills_of(school, ana) == {"git": 2}
    page = browser.get(MAP).text
    assert "1 skill is in your profile now." in page
    assert "Your profile says what you learnt here." in page
    assert "Add to my profile" not in page


@pytest.mark.parametrize(("known", "then"), [(None, 2), (1, 2), (2, 2), (3, 3), (4, 4)])
def test_no_skill_becomes_lower(school: Any, known: int | None, then: int) -> None:
    ana, browser = school.learner(steps=3)
    if known:
        with school.site.unit_of_work() as session:
            set_skill(session.get_one(Person, ana.id), "git", known)
    assert ("Add to my profile" in browser.get(MAP).text) is (then != known)
    assert claim(browser, "git").status_code == 303
    assert skills_of(school, ana) == {"git": then}


@pytest.mark.parametrize("chosen", [("python",), ("no-such-skill", "sql"), ("../git",)])
def test_only_what_the_track_taught_is_taken_over(school: Any, chosen: tuple[str, ...]) -> None:
    ana, browser = school.learner(steps=3)
    assert claim(browser, *chosen).status_code == 303
    assert skills_of(school, ana) == {}


def test_a_finished_track_names_its_skills_once_with_the_button_that_takes_them_over(school: Any) -> None:
    _ana, browser = school.learner(steps=2)
    assert "What it teaches, and up to which level:" in browser.get(MAP).text
    browser.post(f"{KNOW}/answer", data=RIGHT)
    page = browser.get(MAP).text
    assert "What you can do now" in page
    assert "What it teaches" not in page


def test_for_a_month_a_finished_track_leads_to_what_fits_next(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    with school.site.unit_of_work() as session:
        make.request(session, session.get_one(Person, ana.id))
        set_skill(session.get_one(Person, ana.id), "git", 1)
    page = browser.get("/dashboard").text
    assert "Its page names what you could do next." in page
    assert 'class="button primary" href="/tracks/first-steps"' in page
    with school.site.unit_of_work() as session:
        session.query(Enrolment).one().finished_at = clock.now() - timedelta(days=31)
    assert "Its page names what you could do next." not in browser.get("/dashboard").text


def test_nothing_is_taken_over_from_a_track_that_is_not_finished_nor_without_a_choice(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    answer = claim(browser, "git")
    assert answer.status_code == 409
    assert "You have not finished this track yet" in answer.text
    assert claim(browser, "git", track="nothing").status_code == 404
    browser.post(f"{KNOW}/answer", data=RIGHT)
    answer = claim(browser)
    assert answer.status_code == 422
    assert "Choose at least one." in answer.text
    assert "The steps" in answer.text
    assert skills_of(school, ana) == {}


def test_the_mentor_is_named_with_a_way_to_them_else_asking_for_one(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    page = browser.get(MAP).text
    assert 'href="/mentoring/ask"' in page.partition('id="end"')[2]
    with school.site.unit_of_work() as session:
        mira, mentee = make.mentor(session, "mira"), session.get_one(Person, ana.id)
        pairing = requests.claim(session, make.request(session, mentee).id, mira, NOON)
    page = browser.get(MAP).text.partition('id="end"')[2]
    assert "Write to Mira what you would like to do next" in page
    assert f'href="/mentoring/pairings/{pairing.id}"' in page
    assert 'href="/mentoring/ask"' not in page


def test_tools_that_need_what_one_knows_are_named_the_others_not(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    with school.site.unit_of_work() as session:
        set_skill(session.get_one(Person, ana.id), "python", 1)
        for name, keywords, wanted in (
            ("snake", "python, maps", NOON),
            ("branches", "git", NOON),
            ("content", "python", None),
            ("cobol-thing", "cobol, lua", NOON),
        ):
            make.tool(session, name, keywords=keywords).wanted_since = wanted
    end = browser.get(MAP).text.partition('id="end"')[2].partition("The steps")[0]
    assert 'href="/tools/snake"' in end
    assert "It needs what you know: Python" in end
    assert 'href="/tools/branches"' in end
    assert 'href="/tools/content"' not in end
    assert 'href="/tools/cobol-thing"' not in end


@pytest.mark.parametrize(
    ("taught", "known", "offered"),
    [
        ({"git": 2, "gerrit": 1}, {}, {"git": 2, "gerrit": 1}),
        ({"git": 2, "gerrit": 1}, {"git": 2}, {"gerrit": 1}),
        ({"sql": 3}, {"sql": 2, "lua": 4}, {"sql": 3}),
        ({"sql": 3}, {"sql": 4}, {}),
    ],
)
def test_offered_is_what_one_lacks(taught: dict[str, int], known: dict[str, int], offered: dict[str, int]) -> None:
    assert skills_to_offer(taught, known) == offered


def test_next_tracks_go_on_with_the_same_skills() -> None:
    tracks = load_content().get(Tracks)
    gerrit, gitlab, reviewing = (
        tracks.by_slug[slug]
        for slug in ("first-change-on-gerrit", "first-merge-request-on-gitlab", "reviewing-changes")
    )
    assert following_tracks(tracks, gerrit, (), 3)[0] in (gitlab, reviewing)
    assert following_tracks(tracks, gerrit, {gitlab.id}, 3) == [reviewing]
    assert following_tracks(tracks, gerrit, {gitlab.id, reviewing.id}, 3) == []
    assert len(following_tracks(tracks, gerrit, (), 1)) == 1
