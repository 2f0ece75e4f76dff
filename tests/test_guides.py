"""What the guides for developers say of the code is true."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from portal.app import FEATURES
from portal.core.feature import Feature, Features

ROOT = Path(__file__).parents[1]
GUIDES = ("docs/architecture.md", "CONTRIBUTING.md")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("portal/", "tests/", "content/", "docs/", "migrations/", "dev/", "deploy/")
PATH = re.compile(rf"({'|'.join(FOLDERS)})[\w./<>*-]*")
NAME = re.compile(r"[a-z_]+(\.\w+)+")
ROOMS = {path.name for path in (ROOT / "portal").iterdir() if path.is_dir()} | {"app"}
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def said(guide: str) -> set[str]:
    """What stands in backticks outside the blocks of code."""
    return set(CODE.findall(FENCE.sub("", (ROOT / guide).read_text())))


def cases(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return sorted((guide, one) for guide in GUIDES for one in said(guide) if pattern.fullmatch(one))


def made_by_recipes() -> set[str]:
    """Files that a recipe tells to make: they stand over its blocks of code."""
    return set(re.findall(r"^```\w+ (\S+)", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize(("guide", "path"), cases(PATH))
def test_every_path_is_there(guide: str, path: str) -> None:
    pattern = re.sub(r"<\w+>", "*", path)
    assert path in made_by_recipes() or any(ROOT.glob(pattern)), f"{guide} names {path}"


@pytest.mark.parametrize(("guide", "name"), [one for one in cases(NAME) if one[1].partition(".")[0] in ROOMS])
def test_every_name_of_code_is_there(guide: str, name: str) -> None:
    assert is_brought(name) or resolves(f"portal.{name}"), f"{guide} names {name}"


def is_brought(name: str) -> bool:
    """Whether it is a sweep, a permission or a verb of a room."""
    house = Features(FEATURES)
    return name in {*house.sweeps, *house.permissions, *house.notices}


def resolves(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 1, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_the_floors_are_those_that_are_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    told = next(body for kind, body in FENCE.findall((ROOT / GUIDES[0]).read_text()) if kind == "floors")
    assert told.split("\n")[:-1] == contracts[0]["layers"]


def test_every_field_of_a_room_is_explained() -> None:
    fields = set(Feature.__dataclass_fields__) - {"name"}
    assert fields <= said(GUIDES[0])


def test_every_room_and_every_package_has_its_line() -> None:
    packages = {f"portal/{name}/" for name in ROOMS if (ROOT / "portal" / name / "__init__.py").exists()}
    assert packages - {"portal/authoring/"} <= said(GUIDES[0])


def test_every_room_is_kept_in_its_place() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = {name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")}
    for feature in (ROOT / "portal").glob("*/feature.py"):
        room = f"portal.{feature.parent.name}"
        if room != "portal.core":
            assert room in floors, f"pyproject.toml: {room} stands on no floor"
            assert room in contracts[1]["containers"], f"pyproject.toml: nothing keeps the files of {room} in order"
