"""Tables as CSV, for spreadsheets and programs: no cell becomes a formula, and a large table needs no memory.

Cells are separated by commas or, with `?separator=semicolon`, by semicolons: so spreadsheets expect it where the comma
is the decimal sign. Whichever of the two a program takes, no cell becomes a formula. UTF-8 with a byte order mark, for
without it Excel reads accents wrong (Python's utf-8-sig and pandas skip it); lines end as RFC 4180 says, moments and
days are ISO 8601 in UTC.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Response, request

from portal.core import clock
from portal.core.errors import Invalid
from portal.core.formats import number
from portal.core.http_caching import conditional_response
from portal.core.i18n import _
from portal.core.web import settings

BATCH = 1000
"""How many rows are read at once."""
IN_MEMORY = 1_000_000
"""Bytes of a table that are kept in memory; what is more goes to a file until it is sent."""
CHUNK = 65_536
SEPARATORS = {"comma": ",", "semicolon": ";"}
SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
FORMULA = (*SIGNS, "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula."""
UNSEEN = "ZC"
"""The kinds of characters that nobody sees: spaces and controls. Programs differ in which of them they pass over."""
_UNSEEN_LETTERS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Others that nobody sees, though Unicode calls them letters or marks (Default_Ignorable_Code_Point)."""
_IS_UNSEEN = re.compile(f"[{_UNSEEN_LETTERS}]")
_CELL_ENDS = {own: re.compile(rf"[\t\r\n{other}]") for own, other in ((",", ";"), (";", ","))}
"""By the separator of a table: where a program that takes another one would see the end of a cell."""


def download(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a file `<name>-<today>.csv`, of at most [limits] csv_rows; the last line says when there are more.

    It is written whole before the first byte is sent: a failure is an error page and never half a table, nobody's slow
    line holds the database, and the ETag is that of the content. Raises Invalid for a separator that there is not.
    """
    separator = _chosen_separator()
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed with the answer
    with ExitStack() as unless_sent:
        unless_sent.callback(file.close)
        _write(file, heads, rows, settings().limits.csv_rows, separator)
        answer = _answer(file, name)
        if answer.status_code == 200 and request.method != "HEAD":
            unless_sent.pop_all()
    return answer


def cell(value: Any, separator: str = ",") -> str:
    """A value as it stands in a table with this separator. Text that a spreadsheet would run gets an apostrophe.

    It gets one inside, too, where a program that takes the other separator would begin a cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    text = _guarded_inside(str(value), separator)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or _first_seen(text) in SIGNS else text


def _guarded_inside(text: str, separator: str) -> str:
    # Most texts hold no sign at all, or none behind what could end a cell.
    if not any(sign in text for sign in SIGNS):
        return text
    ends = _CELL_ENDS[separator]
    parts = ends.split(text)
    begun = (f"'{part}" if _first_seen(part.replace('"', " ")) in SIGNS else part for part in parts[1:])
    breaks = ends.findall(text)
    return parts[0] + "".join(end + part for end, part in zip(breaks, begun, strict=True))


def _first_seen(text: str) -> str:
    seen = (letter for letter in text if unicodedata.category(letter)[0] not in UNSEEN)
    return next((letter for letter in seen if not _IS_UNSEEN.match(letter)), "")


def _chosen_separator() -> str:
    name = request.args.get("separator", "comma")
    if name not in SEPARATORS:
        raise Invalid(_("There is no such separator: choose comma or semicolon."), "separator")
    return SEPARATORS[name]


def _answer(file: IO[bytes], name: str) -> Response:
    answer = Response(_sent(file), mimetype="text/csv")
    answer.call_on_close(file.close)
    answer.content_length = file.tell()
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.csv"'
    return conditional_response(answer, version=_digest(file))


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from _chunks(file)


def _write(file: IO[bytes], heads: Sequence[str], rows: Iterable[Sequence[Any]], most: int, separator: str) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    lines = csv.writer(text, delimiter=separator)
    lines.writerow(cell(head, separator) for head in heads)
    for index, row in enumerate(rows):
        if index == most:
            lines.writerow([_more(most)])
            break
        lines.writerow([cell(value, separator) for value in row])
    text.detach()


def _more(most: int) -> str:
    return _(
        "There is more: only the first %(count)s rows are here. Use the filters of the page to get the rest.",
        count=number(most),
    )


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()[:32]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
