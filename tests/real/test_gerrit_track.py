"""The track “Your first change on Gerrit”, walked command by command on a real Gerrit, as its pages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.core.content import content_folder
from tests.real.gerrit_maker import GerritMaker
from tests.real.gerrit_track_events import EVENTS, README, merge_file
from tests.real.guide import WAYS, Block, blocks_of, missing_lines, steps_of
from tests.real.reader import Reader
from tests.servers.gerrit import Gerrit

pytestmark = pytest.mark.real

TRACK = content_folder() / "tracks/first-change-on-gerrit"
STEPS = {slug: list(blocks_of(TRACK / f"{slug}.md")) for slug in steps_of(TRACK)}
NOT_RUN = {
    'git config --global credential.helper "cache --timeout=28800"\n': "it starts a process that outlives the test",
    "pipx install git-review\n": "the test takes the git-review that is installed beside pytest",
}


@pytest.fixture(scope="module")
def rita(maker: GerritMaker) -> str:
    """The reviewer of the pages. She may approve."""
    return maker.maintainer("rita-lind", "Rita Lind")


@pytest.fixture
def reader(maker: GerritMaker, rita: str, gerrit: Gerrit, tmp_path: Path) -> Callable[..., Reader]:
    """Makes somebody who goes these ways, with a project of their own: `reader("ssh", "push")`."""

    def make(*ways: str) -> Reader:
        made = Reader(maker, gerrit.ssh_port, tmp_path, ways[0], frozenset(ways))
        maker.person(made.username, "Nora Okoye")
        maker.project(made.project)
        merge_file(maker, made.project, "Add a first description", README)
        return made

    return make


@pytest.mark.parametrize("ways", [("https", "push"), ("ssh", "git-review")], ids=" and ".join)
def test_the_track_leads_from_a_key_to_a_merged_change(reader: Callable[..., Reader], ways: tuple[str, str]) -> None:
    nora = reader(*ways)

    for blocks in STEPS.values():
        follow(nora, blocks)

    merged = nora.maker.act(nora.username, nora.change, "detail", method="GET")
    assert (merged["status"], merged["current_revision_number"]) == ("MERGED", 3)
    assert merged_in(nora) == {
        "Add a first description",
        "Say that the days are weekdays",
        'README: Fix the spelling of "separated"',
    }


def test_every_command_of_the_track_is_run_but_two() -> None:
    commands = [block for blocks in STEPS.values() for block in blocks if block.language == "sh"]

    assert {block.text for block in commands if not block.words & {"run", "aside"}} == NOT_RUN.keys()
    assert {block.after for blocks in STEPS.values() for block in blocks} - {""} == EVENTS.keys()
    assert {word for block in commands for word in block.words if "=" not in word} == WAYS | {"run", "aside", "fails"}


def follow(reader: Reader, blocks: list[Block]) -> None:
    """Do what one step says, and compare what it shows."""
    said: str | None = None
    for number, block in enumerate(blocks):
        if block.language == "sh":
            if number and blocks[number - 1].language != "sh":
                said = None
            if block.is_on(reader.ways) and block.words & {"run", "aside"}:
                said = (said or "") + perform(reader, block, message_after(blocks, number))
        elif block.language == "text" and not block.words & {"message", "words"}:
            heard = happen(reader, block) if block.after else said
            missing = [] if heard is None else missing_lines(block.text, heard)
            assert not missing, f"{block.where} shows {missing}, but what was said is:\n{heard}"


def perform(reader: Reader, block: Block, message: str) -> str:
    """Type the lines of a fence; what the terminal shows, from the event before them on."""
    folder = reader.clone() if block.says("aside") else None
    event = begin(reader, block, folder or reader.folder)
    said = next(event, "")
    try:
        said += reader.run(block.text, folder, fails=block.says("fails"), editor=message)
        next(event, None)
    except AssertionError as error:
        raise AssertionError(f"{block.where}: {error}") from error
    return said


def happen(reader: Reader, block: Block) -> str:
    """What is said when this event happens, in a clone of its own."""
    return next(begin(reader, block, reader.clone()))


def begin(reader: Reader, block: Block, folder: Path) -> Iterator[str]:
    """The event before a fence, if it names one."""
    return EVENTS[block.after](reader, folder) if block.after else iter(())


def message_after(blocks: list[Block], number: int) -> str:
    """What the reader is told to write, when this fence opens the editor for a commit."""
    if "git commit" not in blocks[number].text.splitlines():
        return ""
    return next(block.text for block in blocks[number:] if block.says("message"))


def merged_in(reader: Reader) -> set[str]:
    """The subjects of the project's merged changes, in no order: two that move within a second come in any."""
    changes: list[dict[str, str]] = reader.maker.ask("GET", f"changes/?q=project:{reader.project}+status:merged")
    return {change["subject"] for change in changes}
