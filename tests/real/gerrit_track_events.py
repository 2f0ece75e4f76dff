"""What happens between the commands of the track “Your first change on Gerrit”: edits, votes, slips.

Each is made before a command that names it with after=…, gives what was said meanwhile, and is asked once more after
the command: then it looks whether all is well.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from tests.real.gerrit_maker import PASSWORD, GerritMaker, Pushed
from tests.real.reader import HOOK, Reader

README = """# Opening hours

A small tool that tells whether a library is open.

## The file of hours

One line a day, the hours seperated by commas.
"""
REVIEW = "Thank you. In which order do the two hours stand?"
SEND = "git push origin HEAD:refs/for/master"
Event = Callable[[Reader, Path], Iterator[str]]
EVENTS: dict[str, Event] = {}


def event(happens: Event) -> Event:
    """Let a command of the track name this one."""
    EVENTS[happens.__name__.replace("_", "-")] = happens
    return happens


def merge_file(maker: GerritMaker, project: str, title: str, text: str) -> None:
    """Let the maintainer change the README, reviewed and merged."""
    made = maker.ask("POST", "changes/", {"project": project, "branch": "master", "subject": title})
    content = "data:text/plain;base64," + base64.b64encode(text.encode()).decode()
    maker.ask("PUT", f"changes/{made['_number']}/edit/README.md", {"binary_content": content})
    maker.ask("POST", f"changes/{made['_number']}/edit:publish", {})
    maker.merge("admin", Pushed(made["_number"], made["change_id"], project, title))


def edit(folder: Path, old: str, new: str) -> None:
    """What the reader does in an editor. The text must be there."""
    readme = folder / "README.md"
    assert old in readme.read_text(), readme.read_text()
    readme.write_text(readme.read_text().replace(old, new))


def commit(reader: Reader, folder: Path, title: str = 'README: Fix the spelling of "separated"') -> str:
    """One more line in the README, committed on a branch; what git says."""
    with (folder / "README.md").open("a") as readme:
        readme.write(f"{title}\n")
    # Two commits that say the same in the same second would get the same Change-Id.
    words = f"-m '{title}' -m 'In {folder.name}.'"
    return reader.run(f"git switch -qC fix-readme-spelling\ngit commit -qa {words}", folder)


def arrives(reader: Reader, folder: Path) -> None:
    """Look whether what is in this clone can be sent, as one change."""
    said = reader.run(f"{SEND}%wip", folder)
    assert "SUCCESS" in said and said.count("/c/tools/opening-hours/+/") == 1, said


# -- on the way


@event
def key_is_added(reader: Reader, folder: Path) -> Iterator[str]:
    url = f"{reader.maker.url}/a/accounts/self/sshkeys"
    plain = {"Content-Type": "text/plain"}
    answer = requests.post(url, reader.public_key(), headers=plain, auth=(reader.username, PASSWORD), timeout=30)
    assert answer.status_code == 201, answer.text
    yield ""


@event
def correct_the_word(reader: Reader, folder: Path) -> Iterator[str]:
    edit(folder, "seperated", "separated")
    yield ""


@event
def review(reader: Reader, folder: Path) -> Iterator[str]:
    comments = {"README.md": [{"line": 7, "message": REVIEW, "unresolved": True}]}
    reader.maker.vote("rita-lind", reader.change, -1, comments=comments)
    reader.maker.check("zuul", reader.change, -1)
    yield ""


@event
def name_the_order(reader: Reader, folder: Path) -> Iterator[str]:
    edit(folder, "separated by commas.", "separated by a comma: from, to.")
    yield ""


@event
def somebody_was_faster(reader: Reader, folder: Path) -> Iterator[str]:
    text = README.replace("a day", "a weekday").replace("seperated", "separated")
    merge_file(reader.maker, reader.project, "Say that the days are weekdays", text)
    yield ""


@event
def solve_the_conflict(reader: Reader, folder: Path) -> Iterator[str]:
    readme = folder / "README.md"
    before, rest = readme.read_text().split("<<<<<<< ")
    after = rest.split(">>>>>>> ")[1].partition("\n")[2]
    line = "One line a weekday, the hours separated by a comma: from, to.\n"
    readme.write_text(before + line + after)
    yield ""


@event
def merge(reader: Reader, folder: Path) -> Iterator[str]:
    maker, change = reader.maker, reader.change
    (thread,) = maker.act(reader.username, change, "comments", method="GET")["README.md"]
    done = {"line": 7, "message": "Done", "in_reply_to": thread["id"], "unresolved": False}
    maker.say(reader.username, change, comments={"README.md": [done]})
    maker.merge("rita-lind", change)
    yield ""


# -- beside the way


@event
def wrong_address(reader: Reader, folder: Path) -> Iterator[str]:
    reader.run("git config user.email other@example.net", folder)
    commit(reader, folder)
    said = reader.run(SEND, folder, fails=True)
    reader.run("git config --unset user.email", folder)
    yield said
    arrives(reader, folder)


@event
def commit_on_master(reader: Reader, folder: Path) -> Iterator[str]:
    (folder / "README.md").write_text("Another text.\n")
    reader.run("git commit -qam 'On the wrong branch'", folder)
    yield ""
    assert not reader.run("git log origin/master..master", folder)
    arrives(reader, folder)


@event
def commit_a_note(reader: Reader, folder: Path) -> Iterator[str]:
    (folder / "notes.txt").write_text("Buy milk.\n")
    reader.run("git add notes.txt", folder)
    commit(reader, folder)
    yield ""
    assert reader.run("git show --name-only --format=", folder).split() == ["README.md"]
    assert (folder / "notes.txt").exists()


@event
def push_without_hook(reader: Reader, folder: Path) -> Iterator[str]:
    hook = (folder / HOOK).rename(folder / ".git/the-hook")
    commit(reader, folder)
    said = reader.run(SEND, folder, fails=True)
    hook.rename(folder / HOOK)
    yield said
    arrives(reader, folder)


@event
def another_change(reader: Reader, folder: Path) -> Iterator[str]:
    commit(reader, folder)
    yield ""


@event
def push_to_the_branch(reader: Reader, folder: Path) -> Iterator[str]:
    commit(reader, folder)
    yield reader.run("git push origin HEAD:master", folder, fails=True)


@event
def push_the_same(reader: Reader, folder: Path) -> Iterator[str]:
    commit(reader, folder)
    reader.run(SEND, folder)
    yield reader.run(SEND, folder, fails=True)


@event
def second_commit(reader: Reader, folder: Path) -> Iterator[str]:
    commit(reader, folder)
    commit(reader, folder, "One more thing")
    yield ""
    assert "One more thing" not in reader.run("git log -2", folder)
    arrives(reader, folder)


@event
def conflict_again(reader: Reader, folder: Path) -> Iterator[str]:
    reader.run("git switch -qc one HEAD~1\necho one > README.md\ngit commit -qam one", folder)
    yield reader.run("git rebase origin/master", folder, fails=True)
    assert "one" in reader.run("git log -1 --format=%s", folder)


@event
def pull_merged(reader: Reader, folder: Path) -> Iterator[str]:
    reader.run("git switch -qc two HEAD~1\necho two > two.txt\ngit add two.txt\ngit commit -qm two", folder)
    reader.run("git pull --no-rebase --no-edit origin master", folder)
    yield ""
    assert "two" in reader.run("git log -1 --format=%s", folder)


@event
def merged_anew(reader: Reader, folder: Path) -> Iterator[str]:
    commit(reader, folder)
    yield reader.run("git switch -q master\ngit branch -d fix-readme-spelling", folder, fails=True)
