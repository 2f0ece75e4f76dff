"""On which line a value stands: parsers of TOML do not tell, and those of YAML only when asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]
HEADER = re.compile(r"\s*(?P<open>\[\[?)\s*(?P<name>[\w.-]+)\s*\]\]?")
FENCE = re.compile(r"^-{3,}\s*$", re.MULTILINE)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEY = re.compile(r"\s*(?P<key>[\w-]+)\s*=")


class Lines:
    """Leads from the keys of a value in a file, such as ("modules", 0, "title"), to its line; counts from 1."""

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self._lines = lines

    def of(self, key_path: KeyPath) -> int:
        """The line of this value, else of the nearest thing around it, else 1."""
        around = (key_path[:length] for length in range(len(key_path), 0, -1))
        return next((self._lines[key_path] for key_path in around if key_path in self._lines), 1)


def toml_lines(text: str) -> Lines:
    """The lines of the tables and keys of a TOML file that is written with [table] and [[list of tables]]."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = _table(header["name"].split("."), header["open"] == "[[", counts)
            lines.setdefault(table, number)
            if isinstance(table[-1], int):
                lines.setdefault(table[:-1], number)
        elif key := KEY.match(line):
            lines.setdefault((*table, key["key"]), number)
    return Lines(lines)


def yaml_lines(text: str) -> Lines:
    """The lines of the values in the front matter of a Markdown file that could be read."""
    lines: dict[KeyPath, int] = {}
    begin, end = [*FENCE.finditer(text), None, None][:2]
    if begin and end:
        node = yaml.compose(text[begin.end() : end.start()], LOADER)
        _note_lines(node, (), text.count("\n", 0, begin.end()) + 1, lines)
    return Lines(lines)


def _table(names: list[str], is_list: bool, counts: dict[KeyPath, int]) -> KeyPath:
    key_path: KeyPath = ()
    for depth, name in enumerate(names, 1):
        key_path = (*key_path, name)
        is_last = depth == len(names)
        if is_last and is_list:
            counts[key_path] = counts.get(key_path, -1) + 1
        if key_path in counts:
            key_path = (*key_path, counts[key_path])
    return key_path


def _note_lines(node: Any, key_path: KeyPath, offset: int, lines: dict[KeyPath, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*key_path, key.value)
            lines[inner] = key.start_mark.line + offset
            _note_lines(value, inner, offset, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*key_path, index)] = value.start_mark.line + offset
            _note_lines(value, (*key_path, index), offset, lines)
