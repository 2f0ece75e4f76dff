"""The list of skills: what it holds, how people find a skill, and what its checks say of a broken file."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import Library, Problems, content_folder
from portal.core.content_files import ContentFiles
from portal.people.content import Skills, load

GOOD = """
[[groups]]
slug = "languages"
name = "Programming languages"
name_fr = "Langages de programmation"

[[skills]]
slug = "python"
name = "Python"
group = "languages"
aliases = ["py"]

[[skills]]
slug = "shell"
name = "Shell scripting"
name_fr = "Scripts shell"
group = "languages"
"""


def read(folder: Path) -> tuple[Skills, list[str]]:
    library, problems = Library(), Problems()
    load(ContentFiles(folder), problems, library)
    told = [f"{Path(one.file).name}:{one.line}: {one.what} → {one.mend}" for one in problems.found]
    return library.get(Skills), told


def read_text(folder: Path, text: str) -> tuple[Skills, list[str]]:
    (folder / "skills.toml").write_text(text.lstrip(), encoding="utf-8")
    return read(folder)


def test_the_skills_of_the_portal_are_in_order() -> None:
    skills, told = read(content_folder())
    assert told == []
    assert len(skills.by_slug) >= 60
    assert all(group.skills for group in skills.groups)
    assert sum(len(group.skills) for group in skills.groups) == len(skills.by_slug)


def test_every_group_has_a_french_name() -> None:
    skills, _ = read(content_folder())
    assert [group.slug for group in skills.groups if "fr" not in group.translations] == []


@pytest.mark.parametrize("word", ["shell", "Shell scripting", "SCRIPTS  shell "])
def test_a_skill_is_found_by_slug_and_by_its_name_in_any_language(tmp_path: Path, word: str) -> None:
    skills, _ = read_text(tmp_path, GOOD)
    found = skills.find(word)
    assert found is not None
    assert found.slug == "shell"


def test_a_skill_is_found_by_an_alias_and_nothing_by_an_unknown_word(tmp_path: Path) -> None:
    skills, _ = read_text(tmp_path, GOOD)
    assert skills.find("PY") is skills.by_slug["python"]
    assert skills.find("cobol") is None
    assert skills.find("") is None


def test_names_fall_back_to_english_and_then_to_the_slug(tmp_path: Path) -> None:
    skills, _ = read_text(tmp_path, GOOD)
    assert skills.name("shell", "fr") == "Scripts shell"
    assert skills.name("python", "fr") == "Python"
    assert skills.name("retired-skill", "fr") == "retired-skill"
    assert skills.groups[0].name_in("fr") == "Langages de programmation"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('slug = "shell"', 'slug = "python"', "skills.toml:13: the slug python is used twice → give each its own slug"),
        (
            'slug = "shell"',
            'slug = "Shell_1"',
            "skills.toml:13: slug: string should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'"
            " → write small letters, digits and single hyphens",
        ),
        (
            '"Scripts shell"\ngroup = "languages"',
            '"Scripts shell"\ngroup = "tongues"',
            "skills.toml:16: shell is in the group tongues, which does not exist"
            " → use one of languages, or add the group",
        ),
        (
            'name_fr = "Scripts shell"',
            'aliases = ["Py"]',
            "skills.toml:15: “Py” leads to both python and shell → leave the word to one of them",
        ),
        (
            'name_fr = "Scripts shell"',
            'name_xx = "?"',
            "skills.toml:15: name_xx: the portal has no language xx → mend the code, or add the language first",
        ),
        ('name = "Python"\n', "", "skills.toml:6: name: field required → add the line name = …"),
        (
            'aliases = ["py"]',
            'alias = ["py"]',
            "skills.toml:10: alias: extra inputs are not permitted → remove the line, or mend the spelling of its key",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_the_mend(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert read_text(tmp_path, GOOD.replace(old, new))[1] == [told]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace('slug = "shell"', 'slug = "-"').replace('name = "Python"', 'name = ""')
    assert len(read_text(tmp_path, broken)[1]) == 2


def test_a_missing_file_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    skills, told = read(tmp_path)
    assert skills.groups == ()
    assert told == ["skills.toml:1: the file cannot be read (No such file or directory) → put the file there, readable"]


def test_toml_that_does_not_parse_names_its_line(tmp_path: Path) -> None:
    _, told = read_text(tmp_path, '[[groups]]\nslug = "a\n')
    assert told[0].startswith("skills.toml:2: not valid TOML")


def test_a_table_of_the_wrong_kind_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    _, told = read_text(tmp_path, GOOD + '\n[[skill]]\nslug = "x"\n')
    assert told == ["skills.toml:18: unknown table skill → remove it"]
    _, told = read_text(tmp_path, "groups = 3\nskills = [1]\n")
    assert told == [
        "skills.toml:1: groups is not a list of tables → begin each with [[groups]]",
        "skills.toml:2: skills is not a list of tables → begin each with [[skills]]",
    ]
