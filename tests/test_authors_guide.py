"""The guide for authors is true: its commands are run, its examples are read by the real readers."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import frontmatter
import pytest
import yaml
from click.testing import CliRunner

from portal.app import load_content
from portal.cli import main
from portal.core.content import Library, Problems, content_folder
from portal.core.content_files import ContentFiles
from portal.people import content as people_content
from portal.people.content import Skills
from portal.tracks.tables import ModuleTable, QuestionTable, StepFrontMatter, StepTable
from tests import made_content

GUIDES = [content_folder() / "pages" / f"writing-content{ending}" for ending in (".md", ".fr.md")]


def code(guide: Path, language: str) -> list[str]:
    """The blocks of code in this language."""
    found = re.finditer(rf"^(`{{3,}}){language}\n(.*?)^\1$", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block[2] for block in found]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_commands_of_the_guide_do_what_it_says(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = made_content.copied(tmp_path)
    ran = []
    for words in (shlex.split(line) for text in code(guide, "sh") for line in text.splitlines()):
        if words[0] == "cp":
            shutil.copy(*words[1:])
            speak_french(content / "tracks" / "first-steps" / "track.toml")
        elif words[0] == "portal":
            here = [] if "stamp" in words else ["--folder", "content"]
            told = CliRunner().invoke(main, [*words[1:], *here])
            assert told.exit_code == 0 or is_only_unwritten(told.output), (words, told.output)
            ran.append(" ".join(words[1:4]))
    assert {"content check", "content check --translations"} <= set(ran)
    assert sum(one.startswith("content new") for one in ran) == 5
    told = CliRunner().invoke(main, ["content", "check", "--folder", "content"])
    assert is_only_unwritten(told.output), told.output
    load_content(content)


def is_only_unwritten(told: str) -> bool:
    """Whether all that is wrong are the sentences that wait for the author."""
    return all("still to be written: “Write: " in line for line in told.splitlines())


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_examples_of_the_guide_are_sound(guide: Path) -> None:
    step, module, renamed, _ = (tomllib.loads(text) for text in code(guide, "toml"))
    StepTable.model_validate({**step["modules"]["steps"][0], **renamed})
    ModuleTable.model_validate(module["modules"][0])
    for question in yaml.safe_load(code(guide, "yaml")[0])["quiz"]:
        QuestionTable.model_validate(question)
    StepFrontMatter.model_validate(frontmatter.parse(code(guide, "markdown")[0])[0])


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_skill_of_the_guide_can_be_added(guide: Path, tmp_path: Path) -> None:
    skill, skills = code(guide, "toml")[3], (content_folder() / "skills.toml").read_text("utf-8")
    (tmp_path / "skills.toml").write_text(f"{skills}\n{skill}", encoding="utf-8")
    problems, library = Problems(), Library()
    people_content.load(ContentFiles(tmp_path), problems, library)
    assert problems.found == []
    assert library.get(Skills).find("ziglang")


def speak_french(toml: Path) -> None:
    """What the guide asks of who translates the first step of a track."""
    text = re.sub(
        r'^title = ".*"$', lambda found: f'{found[0]}\ntitle_fr = "Titre"', toml.read_text("utf-8"), flags=re.M
    )
    text = text.replace(
        "order =", 'summary_fr = "Résumé"\naudience_fr = "Public"\noutcomes_fr = ["Une", "Deux"]\norder ='
    )
    toml.write_text(text, encoding="utf-8")
