"""The recipes of CONTRIBUTING.md, done: applied in their order to a copy of the code, which is then put to work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("portal", "content", "migrations", "dev", "tests", "pyproject.toml", "config.example.toml")
ROOM = "portal/thanks"
TABLES = "thanks or every_route or every_action or every_permission"
SAME_TABLES = "tests/test_house.py::test_the_migrations_make_just_the_tables_of_the_models"


@dataclass(frozen=True)
class Block:
    """A block of code with a path: a new file, or what changes in one."""

    kind: str
    path: str
    text: str

    def apply(self, folder: Path) -> None:
        """Do what it says in this folder."""
        file = folder / self.path
        if self.kind != "diff":
            assert not file.exists(), f"{self.path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text, encoding="utf-8")
            return
        before, after = self._side("-"), self._side("+")
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{self.path} has no place, or several, for this change:\n{self.text}"
        file.write_text(text.replace(before, after), encoding="utf-8")

    def _side(self, sign: str) -> str:
        lines = self.text.splitlines(keepends=True)
        return "".join(line[1:] for line in lines if line[0] in f" {sign}")


def blocks() -> list[Block]:
    return [Block(*found) for found in BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))]


def invented_forge(folder: Path) -> None:
    """The folder that the recipe of a forge tells to copy."""
    made = folder / "portal" / "forges" / "invented"
    shutil.copytree(ROOT / "tests" / "forges" / "invented", made, ignore=shutil.ignore_patterns("__pycache__"))
    for file in made.glob("*.py"):
        file.write_text(file.read_text().replace("tests.forges.invented", "portal.forges.invented"))


class House:
    """A copy of the code in which things can be tried."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str | Path) -> str:
        """What this command says in the copy. It has to succeed."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PORTAL"))}
        environ |= {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(words, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, *words: str) -> str:
        """The same for a command of Python."""
        return self.run(sys.executable, *words)

    def portal(self, *words: str) -> str:
        """The same for a command of the portal."""
        return self.python("-c", "from portal.cli import main; main()", *words)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The code after all recipes."""
    folder = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "data", "recorded", "bench", "browser", "real")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        options = {"ignore": ignored} if (ROOT / name).is_dir() else {}
        copy(ROOT / name, folder / name, **options)
    invented_forge(folder)
    for block in blocks():
        block.apply(folder)
    made = House(folder)
    made.python("-m", "dev.migration", "thanks of people")
    return made


def test_the_tests_of_the_recipes_pass(house: House) -> None:
    files = [block.path for block in blocks() if "/test_" in block.path]
    house.python("-m", "pytest", "-q", "-p", "no:cacheprovider", *files, SAME_TABLES)
    house.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/access", "-k", TABLES)


def test_the_checks_of_the_house_pass(house: House) -> None:
    house.run(BIN / "lint-imports", "--no-cache")
    house.run(BIN / "ruff", "check", "--no-cache", ROOM, "tests/thanks")
    house.run(BIN / "ruff", "format", "--no-cache", "--check", ROOM, "tests/thanks", "portal/app.py")
    house.run(BIN / "djlint", "portal/templates/thanks", "--lint", "--quiet")
    house.portal("content", "check")


def test_the_new_forge_is_known_to_the_settings(house: House) -> None:
    read = """
from portal.core.config_file import parse_config
from portal.forges.table import FORGES
source = '[[sources]]\\nslug = "s"\\nkind = "invented"\\nurl = "https://invented.example.org"\\nrealm = "all"'
print(parse_config(source, FORGES.settings).sources[0].realm)
"""
    assert house.python("-c", read) == "all\n"


def test_the_new_language_is_spoken(house: House) -> None:
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### A language\n")[2]
    begin, status = re.findall(r"^\.venv/bin/portal (language .*)$", recipe, re.MULTILINE)
    assert "✓ portal/translations/de/LC_MESSAGES/portal.po\n" in house.portal(*begin.split())
    catalogue = house.folder / "portal" / "translations" / "de" / "LC_MESSAGES" / "portal.po"
    text, empty = catalogue.read_text(), 'msgid "Sign in"\nmsgstr ""'
    assert empty in text
    catalogue.write_text(text.replace(empty, 'msgid "Sign in"\nmsgstr "Anmelden"'))
    assert "de  Deutsch  (not in the menu)\n    messages  1 of " in house.portal(*status.split())
    ask = """
from portal.app import create_app
page = create_app(environ={}, in_memory_queue=True).test_client().get("/people/sign-in?uselang=de").text
print('lang="de"' in page, "Anmelden" in page)
"""
    assert house.python("-c", ask).endswith("True True\n")
