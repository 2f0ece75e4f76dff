"""How the values of an event are kept: plain, with people by their id, so that nobody's name outlives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.people.models import Person

_PERSON = "person"
# What every letter and every notice knows by itself: a value may not take its place.
RESERVED = frozenset({"actor", "person", "site", "limits", "url"})


def link(endpoint: str, **args: str | int) -> dict[str, object]:
    """Where a notice leads, as the value `link` of an event: the endpoint and its arguments."""
    return {"endpoint": endpoint, "args": args}


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """The values as they are stored: a person becomes their id, a date or a moment its ISO text.

    Raises ValueError for a value with a name that letters and notices use themselves.
    """
    if taken := RESERVED & values.keys():
        raise ValueError(f"every letter has a {', '.join(sorted(taken))} of its own: choose another name")
    return {key: _plain(value) for key, value in values.items()}


def people_in(values: Mapping[str, Any]) -> set[int]:
    """The ids of the people that stand in stored values."""
    return {value[_PERSON] for value in values.values() if _is_person(value)}


def named(values: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, object]:
    """Stored values as they are read: each person by the name they have now."""
    return {key: names[value[_PERSON]] if _is_person(value) else value for key, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, Person):
        return {_PERSON: value.id}
    return value.isoformat() if isinstance(value, date) else value


def _is_person(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_PERSON}
