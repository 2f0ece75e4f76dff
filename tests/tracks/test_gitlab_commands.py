"""Every command that the tracks about GitLab and about reviewing show is run, and prints what the track says it prints.

What the readers, Nora and Rita, do in an editor or on a page of the server, and what others do meanwhile, are scenes. A
block that is neither run nor named with a reason fails the test.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.tracks.lessons import Plan, Walk, commands_within_lines_of
from tests.tracks.played_gitlab import FORK, PROJECT


def a_key_goes_into_the_usual_file(walk: Walk) -> str:
    return f"{walk.gitlab.home}/.ssh/id_ed25519\n"


def nora_changes_the_code(walk: Walk) -> None:
    old = 'def count(text):\n    return len(text.split(" "))\n'
    walk.edit("wordcount.py", old, walk.shown("branch-and-commit python 1"))


def nora_writes_the_message(walk: Walk) -> None:
    walk.gitlab.editor_writes(walk.blocks["branch-and-commit text 4"].text)


def nora_had_not_pushed_yet(walk: Walk) -> None:
    walk.gitlab.run("git push -q origin --delete fix-double-spaces")


def nora_corrects_the_test(walk: Walk) -> None:
    old = '        self.assertEqual(1, count(""))\n'
    walk.edit("test_wordcount.py", old, walk.shown("read-the-pipeline python 1"))


def nora_applies_a_suggestion(walk: Walk) -> None:
    docstring = r"sed -i 's/^def count.*/&\n    \"\"\"How many words the text has.\"\"\"/' wordcount.py"
    commit = "git commit -qam 'Apply 1 suggestion(s) to 1 file(s)'"
    walk.gitlab.commit_as("Rita", FORK, "fix-double-spaces", f"{docstring}; {commit}")


def nora_adds_a_test(walk: Walk) -> None:
    first = '        self.assertEqual(3, count("count these words"))\n'
    walk.edit("test_wordcount.py", first, f"{first}\n{walk.shown('amend-your-change python 1')}")


def nora_makes_fixups_of_the_others(walk: Walk) -> None:
    listed = walk.blocks["amend-your-change text 2"].text
    assert listed.count("pick") == 3
    numbers = walk.gitlab.run("git log --format=%h --reverse upstream/main..").text.split()
    first, second, third, fixup = numbers[:4]
    walk.gitlab.editor_writes(f"pick {first}\nfixup {fixup}\nfixup {second}\nfixup {third}\n")


def somebody_adds_types(walk: Walk) -> None:
    types = r"sed -i 's/^def count(text):/def count(text: str) -> int:/' wordcount.py"
    walk.gitlab.commit_as("Ana", PROJECT, "main", f"{types}; git commit -qam 'Say what count takes and gives'")


def nora_solves_the_conflict(walk: Walk) -> None:
    file = walk.gitlab.here / "wordcount.py"
    solved = walk.shown("keep-up-with-main python 1")
    file.write_text(re.sub(r"<<<<<<<.*>>>>>>>[^\n]*\n", lambda _: solved, file.read_text(), flags=re.DOTALL))


def nora_is_lost_in_a_rebase(walk: Walk) -> None:
    walk.gitlab.run("git switch -q -c lost origin/fix-double-spaces@{1}")
    walk.gitlab.run("git rebase upstream/main", fails=True)


def nora_finds_back(walk: Walk) -> None:
    assert "lost" in walk.gitlab.run("git status | head -1").text
    walk.gitlab.run("git switch -q fix-double-spaces; git branch -qD lost")


def a_maintainer_squashes_and_merges(walk: Walk) -> None:
    squash = "git fetch -q origin refs/merge-requests/34/head; git cherry-pick FETCH_HEAD"
    walk.gitlab.commit_as("Ana", PROJECT, "main", squash)


FIRST_MERGE_REQUEST = Plan(
    track="first-merge-request-on-gitlab",
    scenes={
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
    },
    fail=frozenset({"read-the-pipeline sh 1", "amend-your-change sh 5", "keep-up-with-main sh 1"}),
    only_read={
        "branch-and-commit text 4": "the message Nora writes: a scene hands it to the editor",
        "describe-it markdown 1": "the description on the page, which is not git’s",
        "read-the-pipeline text 1": "the log on the page: its command and its result are run on Nora’s computer",
    },
    aside={
        "clone-and-remotes sh 3": (
            "git remote set-url upstream git@gitlab.example.org:tools/wordcount.git\ngit fetch upstream",
            "git remote remove upstream\ngit remote rename origin upstream\n"
            "git remote add origin git@gitlab.example.org:nora/wordcount.git\ngit fetch origin",
        ),
        "branch-and-commit sh 4": (
            "git log upstream/main",
            "git commit --amend",
            "echo >>README.md\ngit add README.md\ngit commit --amend --no-edit\n"
            "[ $(git rev-list --count upstream/main..) = 1 ]",
            "git commit -s --allow-empty -m Signed\ngit log -1 | grep Signed-off-by:",
            "git switch main\ngit branch -D fix-double-spaces\necho >>README.md\ngit commit -am Mine\n"
            "git switch -c fix-double-spaces\ngit branch -f main upstream/main\n"
            "[ $(git rev-list --count upstream/main..main) = 0 ]\n[ $(git rev-list --count main..) = 1 ]",
        ),
        "amend-your-change sh 4": ("git reflog\ngit reset --hard HEAD@{1}",),
        "keep-up-with-main sh 1": (
            "git status | grep 'both modified'",
            "git log -1 upstream/main -- wordcount.py | grep 'what count takes'",
        ),
        "keep-up-with-main sh 5": (
            "git branch -D fix-double-spaces",
            "git switch -c old HEAD~1\necho >>README.md\ngit commit -am Mine\n"
            "git merge upstream/main\ngit log -1 | grep Merge:",
        ),
        "being-merged sh 2": ('git log -3 --format="%an, %ar" -- wordcount.py | grep Nora',),
    },
)


NORA_MENDS_IT = r"""
git switch -q --detach
sed -i 's/split(" ")/split()/' wordcount.py
sed -i 's/(1, count/(0, count/' test_wordcount.py
sed -i '/test_empty/i\
    def test_two_spaces(self):\
        self.assertEqual(2, count("two  spaces"))\
' test_wordcount.py
git commit -qam 'Count words, not the gaps between them'
git push -q origin HEAD:refs/merge-requests/34/head HEAD:refs/changes/34/1234/2
git switch -q main
"""


def rita_has_a_clone_and_a_change_waits(walk: Walk) -> None:
    walk.gitlab.commit_as("Nora", PROJECT, "main", NORA_MENDS_IT)
    walk.gitlab.run("git clone -q git@gitlab.example.org:tools/wordcount.git; cd wordcount")


REVIEWING = Plan(
    track="reviewing-changes",
    scenes={"get-it-onto-your-machine sh 1": rita_has_a_clone_and_a_change_waits},
    fail=frozenset({"get-it-onto-your-machine sh 5", "security-findings sh 1"}),
    only_read={
        "get-it-onto-your-machine sh 3": "git-review asks a real Gerrit: tests/real/test_reviewing_track.py",
        "get-it-onto-your-machine text 2": "what git-review answers: tests/real/test_reviewing_track.py",
        "comments-that-help markdown 1": "a comment on the page",
    },
    aside={"get-it-onto-your-machine sh 7": ("git branch review/1234\ngit branch -D review/1234",)},
)


def test_every_command_for_the_first_merge_request_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    Walk(FIRST_MERGE_REQUEST, tmp_path).to_the_end()


def test_every_command_for_reviewing_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    Walk(REVIEWING, tmp_path).to_the_end()


def test_every_command_in_a_sentence_is_run_too() -> None:
    plans = (FIRST_MERGE_REQUEST, REVIEWING)
    commands = {command for plan in plans for command in commands_within_lines_of(plan.track)}
    assert not {command for command in commands if not any(plan.runs(command) for plan in plans)}
