"""The rules of the house, tested by listing: what can be listed is checked whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from portal.app import create_app
from portal.core import access, migrations
from portal.core.catalogues import CATALOGUES
from portal.core.database import Database
from portal.core.i18n import SHIPPED, SOURCE_LANGUAGE
from portal.forges.table import FORGES

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "portal" / "templates"
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if "macros" not in path.parts and not path.name.startswith(("_", "base"))
)
KEYWORDS = {"_": None, "ngettext": (1, 2), "gettext": None, "lazy": None, "_l": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def messages() -> set[str | tuple[str, ...]]:
    """Every string of the interface that a person may read."""
    methods = [("**.py", "python"), ("templates/**", "jinja2")]
    options = {"templates/**": {"silent": "false", "extensions": "jinja2.ext.i18n", "trimmed": "true"}}
    found = extract_from_dir(ROOT / "portal", methods, options, KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def catalogue(code: str) -> Any:
    with (CATALOGUES / code / "LC_MESSAGES" / "portal.po").open("rb") as file:
        return read_po(file, locale=code)


def test_imports_point_downwards_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_nobody_but_the_forges_compares_their_kinds() -> None:
    kinds = "|".join(FORGES)
    compared = re.compile(rf"""(==|!=|\bin\b|\bcase\b)\s*[\[({{]?\s*["']({kinds})["']|["']({kinds})["']\s*:""")
    for path in [*(ROOT / "portal").rglob("*.py"), *TEMPLATES.rglob("*.html")]:
        if ROOT / "portal" / "forges" not in path.parents:
            assert not compared.search(path.read_text()), f"{path} knows a forge by name: ask its Forge instead"


def test_every_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    del places["Meta"]  # so WTForms calls the settings inside a form
    assert {name: at for name, at in places.items() if len(at) > 1} == {}


def test_every_view_has_a_guard(site: Any) -> None:
    access.require_guards(site.app)
    assert len(site.app.view_functions) > 20


def test_a_site_with_an_unguarded_view_refuses_to_start(site: Any) -> None:
    site.app.view_functions["bare"] = lambda: "hello"
    with pytest.raises(access.UnguardedViewError, match="bare"):
        access.require_guards(site.app)


def test_every_refusal_of_what_somebody_may_not_do_has_a_code_of_its_own() -> None:
    codes = {}
    for path in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NotAllowed":
                code = next((word.value for word in node.keywords if word.arg == "code"), None)
                codes[f"{path.relative_to(ROOT)}:{node.lineno}"] = getattr(code, "value", "")
    assert len(codes) > 10
    assert not [place for place, code in codes.items() if not re.fullmatch(r"[a-z]+(_[a-z]+)+", code)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_page_has_a_title(path: Path) -> None:
    assert re.search(r"{% block title %}\s*\S.*?{% endblock", path.read_text(), re.DOTALL)


def test_no_template_holds_a_script_or_a_style_that_the_policy_would_stop() -> None:
    forbidden = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    for path in TEMPLATES.rglob("*.html"):
        # A letter is no page of the site, and brings along what it needs.
        assert path.parent.name == "mail" or not forbidden.search(path.read_text()), path


def test_no_template_switches_escaping_off() -> None:
    for path in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text()), path


def test_no_code_but_the_table_knows_a_language_by_name() -> None:
    # What libraries know of languages: Snowball's names of them, and one of CLDR's with names for all time zones.
    by_libraries = {ROOT / "portal" / "core" / name for name in ("stemming.py", "time_zones.py")}
    for path in {*(ROOT / "portal").rglob("*.py")} - by_libraries:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Constant) and node.value in SHIPPED.targets
            assert not named, f"{path}:{getattr(node, 'lineno', 0)} names a language: ask the table"


@pytest.mark.parametrize("code", [language.code for language in SHIPPED.menu if language.code != SOURCE_LANGUAGE])
def test_every_message_is_translated(code: str) -> None:
    known = catalogue(code)
    missing = []
    for message in messages():
        key = message[0] if isinstance(message, tuple) else message
        entry = known.get(key)
        told = [] if entry is None else [entry.string] if isinstance(entry.string, str) else list(entry.string)
        if not told or not all(told) or entry.fuzzy:
            missing.append(key)
    assert not missing


@pytest.mark.parametrize("code", [language.code for language in SHIPPED.menu if language.code != SOURCE_LANGUAGE])
def test_translations_keep_their_placeholders(code: str) -> None:
    for entry in catalogue(code):
        if not entry.id:
            continue
        ids = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        for told in [entry.string] if isinstance(entry.string, str) else entry.string:
            assert set(PLACEHOLDER.findall(told)) <= wanted, entry.id
            assert isinstance(entry.id, tuple) or set(PLACEHOLDER.findall(told)) == wanted, entry.id


@pytest.mark.parametrize("code", [language.code for language in SHIPPED.menu if language.code != SOURCE_LANGUAGE])
def test_no_catalogue_keeps_what_nobody_says_any_more(code: str) -> None:
    said = {message[0] if isinstance(message, tuple) else message for message in messages()}
    ids = {entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in catalogue(code) if entry.id}
    assert ids <= said


def test_the_migrations_make_just_the_tables_of_the_models(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrations.upgrade(database.engine)
    assert migrations.present(database.engine) == migrations.newest()
    assert migrations.drift(database.engine) == []
    database.dispose()


def test_every_nudge_names_a_sweep(site: Any) -> None:
    named = set()
    for path in (ROOT / "portal").rglob("*.py"):
        named |= set(re.findall(r'nudge\([^,()]+, "([\w.]+)"\)', path.read_text()))
    assert named
    assert named <= set(site.portal.features.sweeps)


def test_whoever_hears_of_something_hears_of_what_a_room_records(site: Any) -> None:
    recorded = set()
    for path in (ROOT / "portal").rglob("*.py"):
        recorded |= set(re.findall(r'record\(\s*session, "([\w.]+)"', path.read_text()))
    listeners = site.portal.features.listeners.values()
    assert {listener.verb for listener in listeners} <= recorded
    assert all(listener.name.partition(".")[0] != listener.verb.partition(".")[0] for listener in listeners)


def test_the_readme_names_every_command(site: Any) -> None:
    readme = (ROOT / "README.md").read_text()
    from portal.cli import main

    for name, command in main.commands.items():
        for part in getattr(command, "commands", {"": None}):
            assert f"portal {name} {part}".strip() in readme


def test_the_site_starts_from_nothing_but_its_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = create_app(environ={}, in_memory_queue=True)
    assert (tmp_path / "var" / "secret_key").exists()
    assert app.config["SECRET_KEY"] == (tmp_path / "var" / "secret_key").read_text()
