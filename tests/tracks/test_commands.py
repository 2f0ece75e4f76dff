"""Every command that the GitLab track shows is run, in its order, and prints what the track says it prints.

The reader is Nora. What she does in an editor or on a page of the server, and what others do meanwhile, stands in
SCENES under the block that needs it. A block that is neither run nor named with a reason fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.tracks.lessons import Block, blocks_of
from tests.tracks.played_gitlab import FORK, PROJECT, PlayedGitLab, Seen

TRACK = "first-merge-request-on-gitlab"

FILES = {
    "README.md": "# wordcount\n\nPrints how many words a text has. Run the tests with `python3 -m unittest`.\n",
    "wordcount.py": '''"""Print how many words the standard input has."""

import sys


def count(text):
    return len(text.split(" "))


if __name__ == "__main__":
    print(count(sys.stdin.read().strip()))
''',
    "test_wordcount.py": """import unittest

from wordcount import count


class CountTest(unittest.TestCase):
    def test_sentence(self):
        self.assertEqual(3, count("count these words"))

    def test_empty_text(self):
        self.assertEqual(1, count(""))
""",
}

# Blocks of commands that must end with a failure: the text is about that failure.
FAIL = {"read-the-pipeline sh 1", "amend-your-change sh 5", "keep-up-with-main sh 1"}

# Blocks in which nothing is run or printed, and why.
ONLY_READ = {
    "branch-and-commit text 4": "the message Nora writes: SCENES hands it to the editor",
    "describe-it markdown 1": "the description on the page, which is not git’s",
    "read-the-pipeline text 1": "the log on the page: its command and its result are run on Nora’s computer",
}


class Story:
    """Nora's way through the track, block by block."""

    def __init__(self, folder: Path) -> None:
        self.blocks = {block.name: block for block in blocks_of(TRACK)}
        self.gitlab = PlayedGitLab(folder, FILES)
        self.seen = Seen("")
        self.done: set[str] = set()

    def walk(self) -> None:
        """Everything from the first block to the last."""
        for block in self.blocks.values():
            if block.language == "sh":
                self._run(block)
            elif block.language == "text" and block.name not in ONLY_READ:
                self._compare(block)

    def shown(self, name: str) -> str:
        """What a block shows, for a scene to put it where the reader puts it."""
        self.done.add(name)
        return self.blocks[name].text

    def edit(self, name: str, old: str, new: str) -> None:
        """Nora changes a file in her editor."""
        file = self.gitlab.here / name
        text = file.read_text()
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new))

    def _run(self, block: Block) -> None:
        scene = SCENES.get(block.name)
        typed = (scene(self) if scene else None) or ""
        self.seen = self.gitlab.run(block.text, typed, block.name in FAIL)
        self.done.add(block.name)

    def _compare(self, block: Block) -> None:
        missing = [line for line in block.text.splitlines() if line not in self.seen]
        assert not missing, f"{block.name} shows {missing}, and Nora sees\n{self.seen.text}"
        self.done.add(block.name)


def a_key_goes_into_the_usual_file(story: Story) -> str:
    return f"{story.gitlab.home}/.ssh/id_ed25519\n"


def nora_changes_the_code(story: Story) -> None:
    old = 'def count(text):\n    return len(text.split(" "))\n'
    story.edit("wordcount.py", old, story.shown("branch-and-commit python 1"))


def nora_writes_the_message(story: Story) -> None:
    story.gitlab.editor_writes(story.blocks["branch-and-commit text 4"].text)


def nora_had_not_pushed_yet(story: Story) -> None:
    story.gitlab.run("git push -q origin --delete fix-double-spaces")


def nora_corrects_the_test(story: Story) -> None:
    old = '        self.assertEqual(1, count(""))\n'
    story.edit("test_wordcount.py", old, story.shown("read-the-pipeline python 1"))


def nora_applies_a_suggestion(story: Story) -> None:
    docstring = r"sed -i 's/^def count.*/&\n    \"\"\"How many words the text has.\"\"\"/' wordcount.py"
    commit = "git commit -qam 'Apply 1 suggestion(s) to 1 file(s)'"
    story.gitlab.commit_as("Rita", FORK, "fix-double-spaces", f"{docstring}; {commit}")


def nora_adds_a_test(story: Story) -> None:
    first = '        self.assertEqual(3, count("count these words"))\n'
    story.edit("test_wordcount.py", first, f"{first}\n{story.shown('amend-your-change python 1')}")


def nora_makes_fixups_of_the_others(story: Story) -> None:
    listed = story.blocks["amend-your-change text 2"].text
    assert listed.count("pick") == 3
    numbers = story.gitlab.run("git log --format=%h --reverse upstream/main..").text.split()
    first, second, third, fixup = numbers[:4]
    story.gitlab.editor_writes(f"pick {first}\nfixup {fixup}\nfixup {second}\nfixup {third}\n")


def somebody_adds_types(story: Story) -> None:
    types = r"sed -i 's/^def count(text):/def count(text: str) -> int:/' wordcount.py"
    story.gitlab.commit_as("Ana", PROJECT, "main", f"{types}; git commit -qam 'Say what count takes and gives'")


def nora_solves_the_conflict(story: Story) -> None:
    file = story.gitlab.here / "wordcount.py"
    solved = story.shown("keep-up-with-main python 1")
    file.write_text(re.sub(r"<<<<<<<.*>>>>>>>[^\n]*\n", lambda _: solved, file.read_text(), flags=re.DOTALL))


def nora_is_lost_in_a_rebase(story: Story) -> None:
    story.gitlab.run("git switch -q -c lost origin/fix-double-spaces@{1}")
    story.gitlab.run("git rebase upstream/main", fails=True)


def nora_finds_back(story: Story) -> None:
    assert "lost" in story.gitlab.run("git status | head -1").text
    story.gitlab.run("git switch -q fix-double-spaces; git branch -qD lost")


def a_maintainer_squashes_and_merges(story: Story) -> None:
    squash = "git fetch -q origin refs/merge-requests/34/head; git cherry-pick FETCH_HEAD"
    story.gitlab.commit_as("Ana", PROJECT, "main", squash)


SCENES: dict[str, Callable[[Story], str | None]] = {
    "account-and-key sh 2": a_key_goes_into_the_usual_file,
    "branch-and-commit sh 2": nora_changes_the_code,
    "branch-and-commit sh 4": nora_writes_the_message,
    "push-and-open sh 2": nora_had_not_pushed_yet,
    "read-the-pipeline sh 2": nora_corrects_the_test,
    "read-the-review sh 1": nora_applies_a_suggestion,
    "amend-your-change sh 1": nora_adds_a_test,
    "amend-your-change sh 3": nora_makes_fixups_of_the_others,
    "keep-up-with-main sh 1": somebody_adds_types,
    "keep-up-with-main sh 2": nora_solves_the_conflict,
    "keep-up-with-main sh 4": nora_is_lost_in_a_rebase,
    "keep-up-with-main sh 5": nora_finds_back,
    "being-merged sh 1": a_maintainer_squashes_and_merges,
}


def test_every_command_of_the_track_runs_and_prints_what_the_track_shows(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.walk()
    assert set(story.blocks) == story.done | set(ONLY_READ)


def test_scenes_failures_and_reasons_name_blocks_that_exist() -> None:
    names = {block.name for block in blocks_of(TRACK)}
    assert SCENES.keys() | FAIL | ONLY_READ.keys() <= names
