"""The settings file: read once, checked whole. Every problem is reported at once with its key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from portal.core.config import SHAPES, Config, ConfigError, SignInConfig, SourceConfig

EXAMPLE = "config.example.toml"
SourceKinds = Mapping[str, type[SourceConfig]]
"""What [[sources]] may say, by their kind: each kind of review server has settings of its own."""


def load_config(kinds: SourceKinds, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the file PORTAL_CONFIG names, else ./config.toml, else take the defaults.

    Raises ConfigError with every problem in the file.
    """
    named = environ.get("PORTAL_CONFIG")
    path = Path(named) if named else Path("config.toml")
    if not named and not path.exists():
        return Config()
    return parse_config(_read(path), kinds, str(path))


def example_settings() -> str:
    """Every setting with its default and a sentence: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent.parent / EXAMPLE
    return (inside if inside.is_file() else inside.parent.parent / EXAMPLE).read_text(encoding="utf-8")


def parse_config(text: str, kinds: SourceKinds, name: str = "config.toml") -> Config:
    """Check the text of a settings file. Raises ConfigError with every problem in it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{name}: not valid TOML: {error}"]) from error
    sources, problems = _sources(tables.get("sources", []), kinds)
    try:
        config = Config.model_validate({**tables, "sources": sources})
    except ValidationError as error:
        problems = [*error.errors(), *problems]
    if problems:
        raise ConfigError([_sentence(name, problem) for problem in problems])
    return config


def _sources(tables: Any, kinds: SourceKinds) -> tuple[Any, list[Any]]:
    """Each table of [[sources]] as the model of its kind, and the problems in all of them."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return tables, []
    sources: list[SourceConfig] = []
    problems: list[Any] = []
    for index, table in enumerate(tables):
        model = kinds.get(str(table.get("kind")))
        own, wrong = _own_settings(table, model, kinds)
        try:
            sources.append((model or SourceConfig).model_validate(own))
        except ValidationError as error:
            wrong += error.errors()
        problems += [{**problem, "loc": ("sources", index, *problem["loc"])} for problem in wrong]
    return sources, problems


def _own_settings(
    table: dict[str, Any], model: type[SourceConfig] | None, kinds: SourceKinds
) -> tuple[dict[str, Any], list[Any]]:
    """The table without what only other kinds have, and what is wrong with that or with the kind itself."""
    others = {key for kind in kinds.values() for key in kind.model_fields} - (model or SourceConfig).model_fields.keys()
    own = {key: value for key, value in table.items() if key not in others}
    foreign = [key for key in table if key in others and table[key]]
    if model is None and "kind" in table:
        return own, [_problem("kind", f"input should be {' or '.join(map(repr, kinds))}")]
    if model is not None and foreign:
        return own, [_problem("", f"a {table['kind']} source has no {', '.join(foreign)}; remove it")]
    return own, []


def _problem(key: str, message: str) -> dict[str, Any]:
    return {"type": "value_error", "loc": (key,) if key else (), "msg": message}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); PORTAL_CONFIG names the file"]) from error


def _sentence(name: str, problem: Any) -> str:
    key = ".".join(_part(part) for part in problem["loc"]) or "the file"
    return f"{name}: {key}: {_message(problem)}".replace(".[", "[")


def _part(part: str | int) -> str:
    # People count tables from one: sources[1] is the first [[sources]] of the file.
    return f"[{part + 1}]" if isinstance(part, int) else part


def _known_beside(place: tuple[str | int, ...]) -> list[str]:
    """The settings that could stand at this place of the file."""
    if place[0] == "sources":
        return list(SourceConfig.model_fields)
    if place[0] == "sign_in":
        return list(SignInConfig.model_fields)
    table = Config.model_fields[str(place[0])].annotation if len(place) > 1 else Config
    return list(getattr(table, "model_fields", ()))


def _message(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), _known_beside(problem["loc"]), 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        return f"there is no such setting; see {EXAMPLE}, which `portal config new` writes.{meant}"
    if problem["type"] == "string_pattern_mismatch":
        return SHAPES.get(problem["ctx"]["pattern"], str(problem["msg"]))
    message = str(problem["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]
