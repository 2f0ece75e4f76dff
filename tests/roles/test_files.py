"""What the checks say of role files, and which language a role is read in."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.app import FEATURES
from portal.core.content import Library, Problems, content_folder
from portal.core.content_files import ContentFiles
from portal.core.feature import Features
from portal.core.permissions import PermissionNames
from portal.mentoring import content as mentoring_content
from portal.mentoring.access import APPROVE_MENTORS, BE_MENTOR
from portal.mentoring.content import MENTOR
from portal.people import content as people_content
from portal.roles.access import APPOINT
from portal.roles.content import STEWARD, RoleDefinitions
from portal.roles.files import load

COORDINATOR = "mentoring-coordinator"
HOUSE = Features(FEATURES)

GOOD = """\
---
title: Mentor
purpose: Walks beside a newcomer.
permissions: [mentoring.mentor, roles.appoint]
min_seats: 1
max_seats: 3
term_months: 12
skills: [python]
appointed_by: mentor
---

## Responsibilities

### Must

- Answer.

### Should

- Explain.

### May

- Decline.

## How to enter

Ask.

## Term

A year.

## How to leave and hand over

Say so.
"""
FRENCH = """\
---
title: Mentor, en français
purpose: Accompagne.
---

## Responsabilités

### Doit

- Répondre.

### Devrait

- Expliquer.

### Peut

- Refuser.

## Comment entrer

Demander.

## Mandat

Un an.

## Comment partir et passer la main

Le dire.
"""


def read(folder: Path) -> tuple[RoleDefinitions, list[str]]:
    library, problems = Library(), Problems()
    library.put(PermissionNames(tuple(HOUSE.permissions)))
    people_content.load(ContentFiles(content_folder()), problems, library)
    load(ContentFiles(folder), problems, library)
    mentoring_content.load(ContentFiles(folder), problems, library)
    told = [f"{Path(one.file).name}:{one.line}: {one.what}" for one in sorted(problems.found)]
    assert all(one.mend for one in problems.found)
    return library.get(RoleDefinitions), told


def write(folder: Path, **texts: str) -> Path:
    (folder / "roles").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "roles" / f"{name.replace('__', '.')}.md").write_text(text, encoding="utf-8")
    return folder


def test_the_roles_of_the_portal_are_in_order_and_in_french() -> None:
    roles, told = read(content_folder())
    assert told == []
    assert len(list(roles)) >= 8
    assert all(role.is_translated("fr") for role in roles)


def test_the_roles_of_the_portal_permit_everything_that_can_be_permitted() -> None:
    roles, _ = read(content_folder())
    assert roles.permissions_of(role.slug for role in roles) == set(HOUSE.permissions)
    assert BE_MENTOR.name in roles.get(MENTOR).permissions
    assert APPROVE_MENTORS.name in roles.get(COORDINATOR).permissions
    assert STEWARD in roles.granting(APPOINT)


def test_a_role_is_read_in_the_language_of_the_reader_or_in_english(tmp_path: Path) -> None:
    roles, told = read(write(tmp_path, mentor=GOOD, mentor__fr=FRENCH))
    assert told == []
    role = roles.get("mentor")
    assert (role.text_in("fr").must, role.text_in("x-rtl").must) == ("- Répondre.", "- Answer.")
    assert role.is_translated("fr")
    assert roles.title("mentor", "fr") == "Mentor, en français"
    assert roles.title("gone", "fr") == "gone"


CODE = """\
- Answer.

  ```sh
  # no heading
  ## Should
  - no entry
  ```
"""


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        "- Answer.\n\n~~~yaml\n# comment\nkey: 1\n~~~\n",
        "- Answer.\n\n<!-- -->\n\n    # four spaces make code\n    - x\n",
        "- Answer.\n\n  ```toml\n  ### May\n  - [[x]]\n  ```\n",
    ],
)
def test_comments_and_hyphens_in_code_are_neither_headings_nor_entries(tmp_path: Path, code: str) -> None:
    english, french = GOOD.replace("- Answer.\n", code, 1), FRENCH.replace("- Répondre.\n", code, 1)
    roles, told = read(write(tmp_path, mentor=english, mentor__fr=french))
    assert told == []
    assert roles.get("mentor").text_in("en").must == code.strip()


def test_a_role_without_translation_says_so(tmp_path: Path) -> None:
    roles, _ = read(write(tmp_path, mentor=GOOD))
    assert roles.get("mentor").text_in("fr").title == "Mentor"
    assert not roles.get("mentor").is_translated("fr")
    assert roles.get("mentor").is_translated("x-rtl")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "min_seats: 1",
            "min_seat: 1",
            ["mentor.md:1: min_seats: field required", "mentor.md:5: unknown key min_seat"],
        ),
        ("purpose: Walks beside a newcomer.\n", "", ["mentor.md:1: purpose: field required"]),
        ("min_seats: 1", "min_seats: 4", ["mentor.md:5: min_seats 4 is more than max_seats 3"]),
        ("[python]", "[cobol]", ["mentor.md:8: there is no skill cobol"]),
        ("[mentoring.mentor,", "[mentoring.boss,", ["mentor.md:4: the portal knows no permission mentoring.boss"]),
        ("appointed_by: mentor", "appointed_by: king", ["mentor.md:9: appointed_by: there is no role king"]),
        (
            ", roles.appoint]",
            "]",
            ["roles:1: no role permits roles.appoint, so nobody could ever be appointed"],
        ),
        (
            "[mentoring.mentor, ",
            "[",
            ["mentor.md:1: the portal makes approved mentors holders of mentor, which must permit mentoring.mentor"],
        ),
        ("### Must\n\n- Answer.", "### Must", ["mentor.md:14: the list under “### Must” is empty"]),
        ("### Must\n\n- Answer.", "### Must\n\nAnswer.", ["mentor.md:14: the list under “### Must” is empty"]),
        ("A year.\n", "", ["mentor.md:30: nothing stands under “## Term”"]),
        ("## Term\n", "## Terms\n", ["mentor.md:12: the heading “## Term” is missing", "mentor.md:30: “## Terms” is"]),
        ("### May\n", "### Should\n", ["mentor.md:12: the heading “### May” is missing", "mentor.md:22: “### Should”"]),
        ("## Responsibilities\n", "Hello.\n\n## Responsibilities\n", ["mentor.md:12: there is text before the first"]),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    assert old in GOOD
    _, found = read(write(tmp_path, mentor=GOOD.replace(old, new)))
    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


def test_headings_keep_their_order(tmp_path: Path) -> None:
    swapped = GOOD.replace("## Term", "## X").replace("## How to enter", "## Term").replace("## X", "## How to enter")
    _, told = read(write(tmp_path, mentor=swapped))
    assert told == ["mentor.md:26: “## Term” stands where “## How to enter” belongs"]


def test_a_translation_follows_the_english_text(tmp_path: Path) -> None:
    without = FRENCH.replace("### Peut\n\n- Refuser.\n\n", "")
    _, told = read(write(tmp_path, mentor=GOOD, mentor__fr=without))
    assert told == ["mentor.fr.md:6: the headings are not those of mentor.md"]
    _, told = read(write(tmp_path, mentor=GOOD, mentor__fr=FRENCH.replace("- Refuser.", "- Refuser.\n- Rire.")))
    assert told == ["mentor.fr.md:16: “### Peut” has 2 entries, the English text has 1"]
    _, told = read(write(tmp_path, mentor=GOOD, mentor__fr=FRENCH.replace("Un an.\n", "")))
    assert told == ["mentor.fr.md:24: nothing stands under “## Mandat”"]


def test_a_translation_needs_its_source_and_a_known_language(tmp_path: Path) -> None:
    _, told = read(write(tmp_path, mentor=GOOD, maker__fr=FRENCH, mentor__tlh=FRENCH))
    assert told == [
        "maker.fr.md:1: this translates maker.md, which does not exist",
        "mentor.tlh.md:1: the portal has no language tlh",
    ]


def test_a_translation_changes_words_only(tmp_path: Path) -> None:
    _, told = read(write(tmp_path, mentor=GOOD, mentor__fr=FRENCH.replace("---\n\n", "permissions: []\n---\n\n", 1)))
    assert told == ["mentor.fr.md:4: permissions is said once, in the English file"]


def test_the_name_of_a_file_can_stand_in_an_address(tmp_path: Path) -> None:
    _, told = read(write(tmp_path, mentor=GOOD, Queue_Owner=GOOD))
    assert told == ["Queue_Owner.md:1: the name Queue_Owner cannot stand in an address"]


def test_every_slip_is_told_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace("[python]", "[cobol]").replace("min_seats: 1", "min_seats: 9").replace("- Answer.", "")
    _, told = read(write(tmp_path, mentor=broken))
    assert [line.partition(": ")[0] for line in told] == ["mentor.md:5", "mentor.md:8", "mentor.md:14"]


def test_skills_that_could_not_be_read_are_not_told_once_more_for_each_role(tmp_path: Path) -> None:
    write(tmp_path, mentor=GOOD)
    (tmp_path / "skills.toml").write_text("[[skills]\n")
    problems, library = Problems(), Library()
    library.put(PermissionNames(tuple(HOUSE.permissions)))
    people_content.load(ContentFiles(tmp_path), problems, library)
    load(ContentFiles(tmp_path), problems, library)
    assert [(problem.file[-11:], problem.line) for problem in problems.found] == [("skills.toml", 1)]


def test_a_folder_without_roles_cannot_appoint_anybody(tmp_path: Path) -> None:
    _, told = read(tmp_path)
    assert "roles:1: no role permits roles.appoint, so nobody could ever be appointed" in told


def test_front_matter_that_does_not_parse_is_told(tmp_path: Path) -> None:
    _, told = read(write(tmp_path, mentor=GOOD.replace("title: Mentor", "title: [")))
    assert told
    assert told[0].startswith("mentor.md:")
