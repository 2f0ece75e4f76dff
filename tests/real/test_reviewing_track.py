"""The commands for Gerrit in the track “Reviewing other people’s changes”, run on a real Gerrit.

Its other commands need no server: tests/tracks/test_gitlab_commands.py runs them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import content_folder
from tests.real.gerrit_maker import GerritMaker
from tests.real.gerrit_track_events import EVENTS, README, merge_file
from tests.real.guide import blocks_of, missing_lines
from tests.real.reader import Reader
from tests.servers.gerrit import Gerrit

pytestmark = pytest.mark.real

STEP = content_folder() / "tracks/reviewing-changes/get-it-onto-your-machine.md"


@pytest.fixture
def reviewer(maker: GerritMaker, gerrit: Gerrit, tmp_path: Path) -> Reader:
    """Somebody with a clone of a project and a key, for whom a change in its second patch set waits."""
    made = Reader(maker, gerrit.ssh_port, tmp_path, "reviewing", frozenset({"ssh"}))
    maker.person(made.username, "Rita Lind")
    maker.project(made.project)
    merge_file(maker, made.project, "Add a first description", README)
    change = maker.push("nora", made.project, "Count words, not the gaps between them")
    maker.push_again("nora", change)
    made.number = change.number
    made.run("ssh-keygen -q -t ed25519")
    list(EVENTS["key-is-added"](made, made.folder))
    made.run(
        "git clone -q -o gerrit ssh://nora@gerrit.example.org:29418/tools/opening-hours\ncd opening-hours\n"
        "git remote add origin ssh://nora@gerrit.example.org:29418/tools/opening-hours"
    )
    return made


def test_a_change_on_gerrit_is_fetched_by_git_and_by_git_review_as_the_step_says(reviewer: Reader) -> None:
    blocks = [block for block in blocks_of(STEP) if "1234" in block.text]
    fetch, review, answer = blocks

    reviewer.run(fetch.text)
    fetched = reviewer.run("git log -1 --format='%H %s'\ngit switch -q master")
    said = reviewer.run(review.text)

    assert not missing_lines(answer.text, said), said
    assert reviewer.run("git log -1 --format='%H %s'") == fetched
    assert "Count words" in fetched
    assert "* review/" in reviewer.run("git branch")
