"""portal content check names what keeps no site from starting, but no reader should meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.authoring import skeletons
from portal.authoring.unfinished import check_unfinished
from portal.cli import main
from portal.core.content import Problems
from portal.core.content_files import ContentFiles
from tests import made_content


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound content folder in the folder where we are."""
    monkeypatch.chdir(tmp_path)
    return made_content.copied(tmp_path)


def check(code: int = 1) -> list[str]:
    told = CliRunner().invoke(main, ["content", "check", "--folder", "content"])
    assert told.exit_code == code, told.output
    return told.output.splitlines()


def new(*words: str) -> None:
    told = CliRunner().invoke(main, ["content", "new", *words, "--folder", "content"])
    assert told.exit_code == 0, told.output


def test_what_is_shipped_is_finished(folder: Path) -> None:
    assert check(code=0) == ["✓ Every content file is sound."]


def test_every_sentence_of_a_new_role_waits_for_its_author(folder: Path) -> None:
    new("role", "greeter")
    told = check()
    assert len(told) == skeletons.ROLE.count("Write: ")
    assert told[0] == (
        "✗ content/roles/greeter.md:3: still to be written: “Write: in one sentence, what this role is for.”"
        " → put your own words in place of it"
    )


def test_every_sentence_of_a_new_track_and_quiz_waits_for_its_author(folder: Path) -> None:
    new("track", "gardening")
    new("step", "gardening/what-grows", "--quiz")
    told = check()
    written = skeletons.TRACK.count("Write: ") + 2 * skeletons.STEP.count("Write: ")
    assert len(told) == written + skeletons.PROVE.count("Write: ") + skeletons.QUIZ.count("Write: ")
    assert any("gardening/track.toml:4:" in line for line in told)
    assert any("what-grows.md" in line and "the right answer." in line for line in told)


@pytest.mark.parametrize("before", ["", "- ", "1. ", "> ", "### ", "**"])
@pytest.mark.parametrize("left", ["Write: why it is right.", "Write: what makes the role done well."])
def test_a_skeleton_is_told_wherever_it_stands(folder: Path, before: str, left: str) -> None:
    page = folder / "pages" / "privacy.md"
    page.write_text(page.read_text("utf-8") + f"\n{before}{left}\n", "utf-8")
    problems = Problems()
    check_unfinished(ContentFiles(folder), problems)
    [told] = [one for one in problems.found if "still to be written" in one.what]
    assert (Path(told.file).name, told.line) == ("privacy.md", len(page.read_text("utf-8").splitlines()))


QUOTED = "```text\nWrite: why it is right.\n```"


@pytest.mark.parametrize(
    "text", [QUOTED, "    Write: why it is right.", "Write: what, where.", "Rewrite: it", "Write it."]
)
def test_words_that_only_look_like_one_are_none(folder: Path, text: str) -> None:
    page = folder / "pages" / "privacy.md"
    page.write_text(page.read_text("utf-8") + f"\n{text}\n", "utf-8")
    problems = Problems()
    check_unfinished(ContentFiles(folder), problems)
    assert not problems


def test_an_address_that_no_link_uses_is_told(folder: Path) -> None:
    page = folder / "pages" / "privacy.md"
    before = page.read_text("utf-8")
    page.write_text(
        f"{before}\n[Moss] and [fern][the fern].\n\n[moss]: /help\n[the fern]: /roles\n[ivy]: /tools\n", "utf-8"
    )
    assert check() == [
        f"✗ content/pages/privacy.md:{len(before.splitlines()) + 6}: the address [ivy] is named, and no link uses it"
        " → write [words][ivy] where it belongs, or remove the line"
    ]


def test_a_group_without_skills_is_told(folder: Path) -> None:
    path = folder / "skills.toml"
    text = path.read_text("utf-8")
    path.write_text(f'[[groups]]\nslug = "gardening"\nname = "Gardening"\n\n{text}', "utf-8")
    [told] = check()
    assert told.endswith("skills.toml:2: the group gardening has no skill → put a skill into it, or remove the group")


def test_everything_is_told_at_once(folder: Path) -> None:
    new("role", "greeter")
    (folder / "pages" / "privacy.fr.md").unlink()
    page = folder / "pages" / "privacy.md"
    page.write_text(page.read_text("utf-8") + "\n[nowhere](/help/privacy#nowhere)\n", "utf-8")
    told = "\n".join(check())
    assert "dead link /help/privacy#nowhere → use an English anchor of privacy:" in told
    assert "still to be written" in told
