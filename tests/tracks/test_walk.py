"""Every track is walked from its start to its end over HTTP, in every language it is written in."""

from __future__ import annotations

from typing import Any

import pytest

from portal.app import load_content
from portal.tracks.content import Tracks
from portal.tracks.models import EnrolmentState
from tests import make
from tests.tracks.walk import walk_track

SHIPPED = tuple(load_content().get(Tracks))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_small_track_can_be_walked_to_its_end(school: Any, language: str) -> None:
    ana = school.person()
    walked = walk_track(school.browser(ana), school.track, language=language)
    assert walked == ["read-this-first", "try-it", "what-you-know"]
    assert school.state(ana) is EnrolmentState.FINISHED


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("track", SHIPPED, ids=lambda track: track.slug)
def test_each_shipped_track_can_be_walked_to_its_end(site: Any, track: Any, language: str) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    client = make.sign_in(site.client(), ana)
    walked = walk_track(client, track, language=language)
    assert sorted(walked) == sorted(step.slug for step in track.steps)
    page = client.get(f"/tracks/{track.slug}").text
    assert f"{len(track.steps)} " in page
    assert "stop-locked" not in page
