"""What the files of a track become, and what the checks say of slips in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import Library, Problems, content_folder
from portal.people import content as people_content
from portal.tracks.content import Evidence, QuestionKind, Tracks
from portal.tracks.files import load
from tests import made_content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_content.with_track(tmp_path)


def read(folder: Path) -> tuple[Tracks, list[str]]:
    library, problems = Library(), Problems()
    people_content.load(content_folder(), problems, library)
    load(folder, problems, library)
    assert all(one.mend for one in problems.found)
    told = [f"{Path(one.file).name}:{one.line}: {one.what}" for one in sorted(problems.found)]
    return library.get(Tracks), told


def test_a_folder_without_tracks_is_a_site_without_tracks(tmp_path: Path) -> None:
    tracks, told = read(tmp_path)
    assert (list(tracks), told) == ([], [])


def test_a_track_is_read_whole(folder: Path) -> None:
    tracks, told = read(folder)
    assert told == []
    track = tracks.find("first-steps")
    assert track is not None
    assert [step.slug for step in track.steps] == ["read-this-first", "try-it", "what-you-know"]
    assert (track.minutes, track.skills, track.languages) == (35, {"git": 2}, ("en", "fr"))
    assert track.text_in("fr").title == "Premiers pas"
    assert track.modules[1].title_in("fr") == "Revenir"
    assert track.steps[1].prerequisites == (made_content.READ_ID,)
    assert track.steps[2].evidence is Evidence.QUIZ


def test_a_quiz_is_read_in_both_languages(folder: Path) -> None:
    tracks, _ = read(folder)
    step = tracks.step(made_content.ASK_ID)
    assert step is not None
    english, french = step.text_in("en").quiz, step.text_in("fr").quiz
    assert [one.kind for one in french] == [QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.SHORT]
    assert [answer.is_right for answer in french[0].answers] == [True, False]
    assert french[0].answers[0].because.startswith("Gerrit la cherche")
    assert french[2].accept == english[2].accept == ("git commit --amend", "git commit --amend --no-edit")
