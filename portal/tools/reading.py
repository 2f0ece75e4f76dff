"""Reading a toolinfo file, whoever wrote it: bounded in size and depth, one entry at a time, so that a broken entry
costs itself and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 64 * 1024 * 1024
"""How large a file is read, in bytes."""
MOST_ENTRIES = 100_000
"""How many entries of one file are read."""
LONGEST_ENTRY = 1_000_000
"""How long one entry may be, in characters: the longest sound record has some 100,000."""
DEEPEST = 16
"""How deep an entry may be nested: a sound record needs three levels."""

# Possessive, so that a text of ten million escapes needs no memory of its own.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_NAME = re.compile(r'"name"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){1,255})"')


class UnreadableFile(Exception):
    """This is no toolinfo file, or one that is too large. The message says why, for the person who imports it."""


@dataclass(frozen=True, slots=True)
class ToolinfoEntry:
    """One entry of a file: a decoded value, or why there is none. `name` is as far as it can be told."""

    number: int
    value: Any = None
    problem: str = ""
    name: str = ""


def text_of(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what had to be mended for it. Raises UnreadableFile for a file that is too large."""
    if len(data) > MOST_BYTES:
        raise UnreadableFile(f"the file is larger than {MOST_BYTES // 1024 // 1024} MB; split it")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), ["the file was UTF-16; JSON is UTF-8"]
    try:
        return data.decode("utf-8-sig"), ["a byte order mark was skipped"] if data.startswith(b"\xef\xbb\xbf") else []
    except UnicodeDecodeError as error:
        note = f"bytes that are not UTF-8 (the first at byte {error.start}) were replaced by �"
        return data.decode("utf-8-sig", "replace"), [note]


def entries(text: str) -> Iterator[ToolinfoEntry]:
    """Each entry of an array, or the one that the file is. Raises UnreadableFile when it is neither.

    After MOST_ENTRIES the last one says that there was more.
    """
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] not in ("[", "{"):
        raise UnreadableFile("there is no JSON in it: it begins neither with [ nor with {")
    if text[start] == "{":
        yield _entry(1, text[start:].rstrip(), _depth(text[start : start + LONGEST_ENTRY + 1]))
        return
    yield from _elements(text, start + 1)


def _elements(text: str, start: int) -> Iterator[ToolinfoEntry]:
    number = depth = deepest = 0
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}" and depth:
            depth -= 1
        elif depth == 0 and mark in ",]}":
            piece = text[start : token.start()].strip()
            number += 1
            if number > MOST_ENTRIES:
                yield ToolinfoEntry(
                    number, problem=f"only the first {MOST_ENTRIES} entries of a file are read; split it"
                )
                return
            if piece or mark == ",":
                yield _entry(number, piece, deepest)
            if mark != ",":
                return
            start, deepest = token.end(), 0
    piece = text[start:].strip()
    yield ToolinfoEntry(number + 1, problem="the file ends in the middle of this entry", name=_name_in(piece))


def _entry(number: int, piece: str, depth: int) -> ToolinfoEntry:
    name = _name_in(piece)
    if len(piece) > LONGEST_ENTRY:
        return ToolinfoEntry(number, problem=f"the entry is longer than {LONGEST_ENTRY:,} characters", name=name)
    if depth > DEEPEST:
        return ToolinfoEntry(number, problem=f"the entry is nested deeper than {DEEPEST} levels", name=name)
    try:
        return ToolinfoEntry(number, json.loads(piece, strict=False), name=name)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        return ToolinfoEntry(number, problem=f"the JSON is broken at {position} of the entry: {error.msg}", name=name)
    except (ValueError, RecursionError):
        return ToolinfoEntry(number, problem="the JSON holds a number or a nesting no program should read", name=name)


def _depth(piece: str) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(piece):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _name_in(piece: str) -> str:
    match = _NAME.search(piece, 0, 20_000)
    return match[1] if match else ""
