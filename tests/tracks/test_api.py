"""/api/v1/tracks: what the pages of the tracks say to everybody."""

from __future__ import annotations

from typing import Any

import pytest

from portal.core import clock
from portal.tracks.content import Tracks
from portal.tracks.models import Enrolment, EnrolmentState
from tests import make

GERRIT = "first-change-on-gerrit"


def get(site: Any, path: str = "", status: int = 200) -> Any:
    answer = site.client().get(f"/api/v1/tracks{path}")
    assert answer.status_code == status, answer.text
    return answer.json


def test_the_tracks_are_listed_in_their_order_with_what_their_cards_show(site: Any) -> None:
    tracks = site.portal.library.get(Tracks)
    items = get(site)["items"]
    assert [item["slug"] for item in items] == [track.slug for track in tracks]
    first = items[0]
    assert first["page"] == f"http://127.0.0.1:8000/tracks/{GERRIT}"
    assert (first["source"], first["finished"]) == ("gerrit", 0)
    assert first["minutes"] == sum(step.minutes for step in tracks.by_slug[GERRIT].steps)
    assert {"slug", "name", "level"} == set(first["skills"][0])


def test_one_track_comes_with_its_modules_and_steps(site: Any) -> None:
    whole = get(site, f"/{GERRIT}")
    steps = [step for module in whole["modules"] for step in module["steps"]]
    assert len(steps) == whole["steps"] >= 12
    known = {f"{GERRIT}/{step['slug']}" for step in steps}
    assert {one for step in steps for one in step["prerequisites"]} <= known
    assert any(step["prerequisites"] for step in steps)
    assert site.client().get(steps[3]["page"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_it_is_told_in_the_language_asked_for_and_says_where_it_is_english_instead(site: Any) -> None:
    english, french = get(site, f"/{GERRIT}"), get(site, f"/{GERRIT}?language=fr")
    assert english["title"] != french["title"]
    assert {step["language"] for module in french["modules"] for step in module["steps"]} == {"fr"}
    untranslated = get(site, "/reviewing-changes?language=fr")
    if "fr" not in untranslated["languages"]:
        assert "en" in {step["language"] for module in untranslated["modules"] for step in module["steps"]}


def test_it_counts_who_finished_and_tells_nobodys_progress(site: Any) -> None:
    track = site.portal.library.get(Tracks).by_slug[GERRIT]
    with site.unit_of_work() as session:
        for name, state in (("ana", EnrolmentState.FINISHED), ("ben", EnrolmentState.ACTIVE)):
            now = clock.now()
            person = make.person(session, name)
            session.add(Enrolment(person_id=person.id, track_id=track.id, state=state, started_at=now, changed_at=now))
        ana_id = person.id
    assert get(site)["items"][0]["finished"] == 1
    with site.portal.database.session() as session:
        reader = make.sign_in(site.client(), session.get(type(person), ana_id))
    for path in ("", f"/{GERRIT}"):
        told = reader.get(f"/api/v1/tracks{path}").json
        assert told == get(site, path)
        assert '"ben"' not in str(told)


def test_following_next_meets_each_track_once(site: Any) -> None:
    whole = [item["slug"] for item in get(site)["items"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = get(site, f"?limit=1&cursor={cursor}" if cursor else "?limit=1")
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next"]
    assert seen == whole
    assert len(whole) == 3


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), (f"/{GERRIT}?colour=red", 422), ("?language=xx", 422)])
def test_refusals_have_one_form(site: Any, path: str, status: int) -> None:
    assert get(site, path, status)["error"]["code"] == status
