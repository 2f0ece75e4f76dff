"""portal content new, stamp and check --translations: what they write is sound, and what stands stays."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from portal.app import load_content
from portal.authoring.new import with_step
from portal.cli import main
from portal.core.content import fingerprint
from portal.core.errors import Invalid
from tests import made_content

HERE = "content/tracks/first-steps"
TABLE = '[[modules.steps]]\nid = "9d0d7a5c-55d0-4a3f-9a45-6a3d2a2f0b11"\nslug = "more"\nteaches = {}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which there is nothing but a content folder: no settings, no database."""
    monkeypatch.chdir(tmp_path)
    return made_content.copied(tmp_path)


def run(*words: str, code: int = 0) -> str:
    told = CliRunner().invoke(main, ["content", *words])
    assert told.exit_code == code, told.output
    return str(told.output)


def check() -> None:
    """A site starts with it; all that is told are the sentences that wait for the author."""
    load_content(Path("content"))
    told = run("check", "--folder", "content", code=1).splitlines()
    assert told
    assert all("still to be written: “Write: " in line for line in told)


def new(*words: str, code: int = 0) -> str:
    return run("new", *words, "--folder", "content", code=code)


def toml(folder: Path, track: str = "first-steps") -> dict[str, Any]:
    return tomllib.loads((folder / "tracks" / track / "track.toml").read_text("utf-8"))


def test_a_new_track_is_sound_and_says_what_it_wrote(folder: Path) -> None:
    told = new("track", "first-steps", "--title", 'The "first" \\ steps')
    assert told.startswith(f"✓ {HERE}/track.toml\n✓ {HERE}/read-this-first.md\n")
    assert "portal content new step first-steps/" in told
    check()
    made = toml(folder)
    assert made["title"] == 'The "first" \\ steps'
    ids = [made["id"], made["modules"][0]["id"], made["modules"][0]["steps"][0]["id"]]
    assert [UUID(one).version for one in ids] == [4, 4, 4]
    assert len(set(ids)) == 3


def test_a_later_track_stands_after_the_others(folder: Path) -> None:
    made_content.with_track(folder)
    new("track", "second-steps")
    check()
    assert (toml(folder, "second-steps")["order"], toml(folder, "second-steps")["title"]) == (20, "Second steps")


@pytest.mark.parametrize(
    ("words", "module", "needs"),
    [
        ([], 1, "what-you-know"),
        (["--module", "1"], 0, "try-it"),
        (["--module", "get READY"], 0, "try-it"),
        (["--module", "Look back", "--quiz"], 1, "what-you-know"),
    ],
)
def test_a_new_step_stands_at_the_end_of_its_module(folder: Path, words: list[str], module: int, needs: str) -> None:
    made_content.with_track(folder)
    before = (folder / "tracks" / "first-steps" / "track.toml").read_text("utf-8")
    told = new("step", "first-steps/have-a-look", *words, "--title", "Have a look: quickly")
    assert told.startswith(f"✓ {HERE}/have-a-look.md\n✓ {HERE}/track.toml\n")
    check()
    step = toml(folder)["modules"][module]["steps"][-1]
    assert (step["slug"], step["prerequisites"]) == ("have-a-look", [needs])
    assert step["evidence"] == ("quiz" if "--quiz" in words else "self-declared")
    after = (folder / "tracks" / "first-steps" / "track.toml").read_text("utf-8").splitlines()
    left = iter(after)
    assert all(line in left for line in before.splitlines()), "a line that stood was changed or moved"


def test_the_first_step_of_a_module_asks_for_the_last_of_the_one_before(folder: Path) -> None:
    made_content.with_track(folder)
    path = folder / "tracks" / "first-steps" / "track.toml"
    empty = '\n[[modules]]\nid = "9d0d7a5c-55d0-4a3f-9a45-6a3d2a2f0b11"\ntitle = "More"\ntitle_fr = "Plus"\n'
    path.write_text(path.read_text("utf-8") + empty, encoding="utf-8")
    assert "the module More has no steps" in run("check", "--folder", "content", code=1)
    new("step", "first-steps/more")
    check()
    assert toml(folder)["modules"][2]["steps"][0]["prerequisites"] == ["what-you-know"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_comments_spaces_and_line_ends_stay_as_they_stood(ends: str) -> None:
    before = (
        '# mine\nid = "a"\n\n[[modules]]   # one\ntitle = "A"\n\n  [[modules.steps]]\n  slug = "a" # so\n\n\n'
        '# about the next one\n[[modules]]\ntitle = "B"\n[[modules.steps]]\nslug = "b"'
    ).replace("\n", ends)
    first = with_step(before, 0, TABLE)
    assert first.replace(f"{ends}{TABLE.replace(chr(10), ends)}", "", 1) == before
    assert first.index("more") < first.index("# about the next one")
    second = with_step(before, 1, TABLE)
    assert second == f"{before}{ends}{ends}{TABLE.replace(chr(10), ends)}"
    assert ("\r\n" in second) == (ends == "\r\n")


def test_a_file_that_is_written_otherwise_is_left_to_its_author() -> None:
    with pytest.raises(Invalid, match="Add this by hand"):
        with_step('modules = [{ title = "A", steps = [{ slug = "a" }] }]\n', 0, TABLE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["track", "first-steps"], "There is a track at /tracks/first-steps already."),
        (["track", "old-steps"], "There is a track at /tracks/old-steps already."),
        (["track", "First Steps"], "“First Steps” cannot stand in an address."),
        (["track", "../x"], "“../x” cannot stand in an address."),
        (["track", "new-steps", "--title", "a\nb"], "The title must be one line of text."),
        (["step", "first-steps/try-it"], "The address /tracks/first-steps/try-it is taken."),
        (["step", "first-steps/read-me"], "The address /tracks/first-steps/read-me is taken."),
        (["step", "first-steps/leave"], "The address /tracks/first-steps/leave is taken."),
        (["step", "first-steps"], "“” cannot stand in an address."),
        (["step", "none/try-it"], "There is no content/tracks/none/track.toml."),
        (["step", "../none/try-it"], "“none/try-it” cannot stand in an address."),
        (["step", "first-steps/more", "--module", "Nine"], "No module “Nine” in this track. There are: 1 Get ready"),
        (["step", "first-steps/more", "--module", "3"], "No module “3” in this track."),
        (["role", "mentor"], "content/roles/mentor.md is there already, and stays as it is."),
        (["role", "Mentor"], "“Mentor” cannot stand in an address."),
    ],
)  # fmt: skip
def test_what_stands_is_never_overwritten(folder: Path, words: list[str], told: str) -> None:
    made_content.with_track(folder)
    before = everything(folder)
    assert f"✗ {told}" in new(*words, code=1)
    assert everything(folder) == before


def test_a_text_that_lies_about_is_not_overwritten_by_a_new_step(folder: Path) -> None:
    made_content.with_track(folder)
    (folder / "tracks" / "first-steps" / "more.md").write_text("Mine.")
    before = everything(folder)
    assert "more.md is there already" in new("step", "first-steps/more", code=1)
    assert everything(folder) == before


def test_a_broken_track_is_mended_before_it_grows(folder: Path) -> None:
    made_content.with_track(folder)
    path = folder / "tracks" / "first-steps" / "track.toml"
    path.write_text(path.read_text("utf-8").replace("minutes = 20\n", ""), encoding="utf-8")
    assert f"{HERE}/track.toml:26: no minutes" in new("step", "first-steps/more", code=1)


def test_a_new_role_is_sound_and_permits_nothing(folder: Path) -> None:
    assert new("role", "event-organiser").startswith("✓ content/roles/event-organiser.md\n")
    check()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(folder: Path) -> None:
    (folder / "tracks").write_text("a file where a folder belongs")
    assert new("track", "first-steps", code=1).startswith("✗ content/tracks")


def test_a_translation_is_stamped_and_nothing_else_of_it_changes(folder: Path) -> None:
    track = made_content.with_track(folder) / "tracks" / "first-steps"
    (track / "try-it.md").write_text(made_content.TRY + "\nOne more line.\n", encoding="utf-8")
    french = track / "try-it.fr.md"
    before = french.read_text("utf-8")
    assert run("stamp", f"{HERE}/try-it.fr.md") == f"✓ {HERE}/try-it.fr.md is stamped.\n"
    old, now = (fingerprint(text) for text in (made_content.TRY, (track / "try-it.md").read_text("utf-8")))
    assert french.read_text("utf-8") == before.replace(old, now)
    assert run("stamp", f"{HERE}/try-it.fr.md") == f"✓ {HERE}/try-it.fr.md was stamped already.\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_translation_without_a_stamp_gets_one(folder: Path, ends: str) -> None:
    track = made_content.with_track(folder) / "tracks" / "first-steps"
    french = track / "try-it.fr.md"
    lines = [line for line in made_content.TRY_FR.splitlines() if not line.startswith("translates")]
    french.write_bytes(ends.join(lines).encode())
    run("stamp", f"{HERE}/try-it.fr.md")
    place = lines.index("---", 1)
    stamped = [*lines[:place], f'translates: "{fingerprint(made_content.TRY)}"', *lines[place:]]
    assert french.read_bytes().decode() == ends.join(stamped)
    assert run("check", "--folder", "content") == "✓ Every content file is sound.\n"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("tracks/first-steps/none.fr.md", "There is no file"),
        ("tracks/first-steps/try-it.md", "is no translation: its name would be try-it.<language>.md"),
        ("tracks/first-steps/track.toml", "is no step, role or help page"),
        ("skills.toml", "is no step, role or help page"),
        ("tracks/mentor.fr.md", "is no step, role or help page"),
        ("roles/mentor.md", "is no translation: its name would be mentor.<language>.md"),
        ("pages/privacy.xx.md", "is no translation: its name would be privacy.<language>.md"),
        ("tracks/first-steps/notes.fr.md", "There is no content/tracks/first-steps/notes.md, from which"),
        ("tracks/first-steps/plain.fr.md", "does not begin with front matter"),
        ("tracks/first-steps/odd.fr.md", "the file is not UTF-8"),
    ],
)
def test_only_translations_are_stamped(folder: Path, file: str, told: str) -> None:
    track = made_content.with_track(folder) / "tracks" / "first-steps"
    for name in ("notes.fr.md", "plain.md", "plain.fr.md", "odd.md"):
        (track / name).write_text("Hello.")
    for name in ("tracks/mentor.fr.md", "pages/privacy.xx.md"):
        (folder / name).write_text("Hello.")
    (track / "odd.fr.md").write_bytes("---\ntitle: é\n---\n".encode("latin-1"))
    before = everything(folder)
    assert told in run("stamp", f"content/{file}", code=1)
    assert everything(folder) == before


@pytest.mark.parametrize("name", ["roles/mentor", "pages/privacy"])
def test_a_stamped_role_or_page_is_stale_once_its_english_text_has_changed(folder: Path, name: str) -> None:
    def listed() -> bool:
        return f"  fr  stale    content/{name}.fr.md" in run("check", "--translations", "--folder", "content")

    french = folder / f"{name}.fr.md"
    french.write_text(re.sub(r"translates: .*\n", "", french.read_text("utf-8")), encoding="utf-8")
    assert run("stamp", f"content/{name}.fr.md") == f"✓ content/{name}.fr.md is stamped.\n"
    assert not listed()
    english = folder / f"{name}.md"
    english.write_text(english.read_text("utf-8") + "\nOne more line.\n", encoding="utf-8")
    assert listed()
    run("stamp", f"content/{name}.fr.md")
    assert not listed()


def test_translators_have_a_list_of_what_to_do(folder: Path) -> None:
    made_content.with_track(folder)
    assert "brought up to date: fr 0" in run("check", "--translations", "--folder", "content")
    (folder / "tracks" / "first-steps" / "try-it.fr.md").unlink()
    (folder / "tracks" / "first-steps" / "what-you-know.md").write_text(made_content.ASK + "\nNew.\n", encoding="utf-8")
    (folder / "pages" / "privacy.fr.md").unlink()
    (folder / "roles" / "mentor.fr.md").unlink()
    first, *listed, last = run("check", "--translations", "--folder", "content").splitlines()
    assert first == "✓ Every content file is sound."
    assert [line for line in listed if line.startswith("  fr")] == [
        f"  fr  missing  {HERE}/try-it.fr.md",
        f"  fr  stale    {HERE}/what-you-know.fr.md",
        "  fr  missing  content/pages/privacy.fr.md",
        "  fr  missing  content/roles/mentor.fr.md",
    ]
    assert last.startswith("To be translated or brought up to date: fr 4, ")


def everything(folder: Path) -> dict[str, bytes]:
    """Every file in the folder, whole."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
