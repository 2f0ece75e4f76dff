"""Words as search compares them: small and without accents, the same whatever the database, and marked in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from markupsafe import Markup, escape

LONGEST_QUERY = 200
MOST_TOKENS = 8
LONGEST_TOKEN = 40
REMEMBERED = 20_000
# Letters that Unicode does not take apart into a plain one and an accent.
PLAIN = {"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t"}
# Chinese and Japanese are written without spaces: each sign is a word of its own.
_SIGNS = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
TOKEN = re.compile(rf"[^\W_{_SIGNS}]+|[{_SIGNS}]")


class _Folds(dict[int, str]):
    """What each letter is folded to. Remembers a bounded number: texts of strangers may hold any letter there is."""

    def __missing__(self, code: int) -> str:
        letters = unicodedata.normalize("NFKD", chr(code).casefold()).casefold()
        folded = "".join(PLAIN.get(letter, letter) for letter in letters if not unicodedata.combining(letter))
        if len(self) < REMEMBERED:
            self[code] = folded
        return folded


_folds = _Folds()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What somebody looks for. Each word is the beginning of one; all must be there. Without a word: nothing."""

    text: str = ""
    tokens: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tokens)


def fold_text(text: str) -> str:
    """The text in small letters and without accents: "Éloïse" and "ELOISE" become the same."""
    return text.translate(_folds)


def tokens_of(text: str) -> list[str]:
    """The folded words of a text, in order; of what is no letter and no digit nothing is left."""
    return [word[:LONGEST_TOKEN] for word in TOKEN.findall(fold_text(text))]


def parse_query(typed: str) -> SearchQuery:
    """What was typed, as far as it can be looked for: the first words of a long text, each once."""
    text = " ".join(typed[:LONGEST_QUERY].split())
    return SearchQuery(text, tuple(dict.fromkeys(tokens_of(text)))[:MOST_TOKENS])


def title_key_of(title: str) -> int:
    """A number that two titles share when they have the same words, and by chance never: to find the very same one."""
    joined = " ".join(tokens_of(title)).encode()
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), signed=True)


def highlight(text: str, query: SearchQuery) -> Markup:
    """The text, escaped, with what was asked for marked."""
    parts, end = [], 0
    for start, stop in _matches(text, query.tokens):
        parts += [escape(text[end:start]), Markup("<mark>{}</mark>").format(text[start:stop])]
        end = stop
    return Markup("").join([*parts, escape(text[end:])])


def excerpt(text: str, query: SearchQuery, length: int = 160) -> str:
    """One line of a text around the first word that was asked for; from its beginning when there is none."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    first = next((start for start, _stop in _matches(line, query.tokens)), 0)
    start = max(0, min(first - length // 3, len(line) - length))
    start = line.find(" ", start, first) + 1 or start if start else 0
    stop = start + length
    stop = line.rfind(" ", first + 1, stop) if stop < len(line) else len(line)
    stop = stop if stop > 0 else start + length
    return f"{'… ' if start else ''}{line[start:stop]}{' …' if stop < len(line) else ''}"


def _matches(text: str, prefixes: Iterable[str]) -> Iterator[tuple[int, int]]:
    """From where to where in the text as it is written a word begins like one of these; the longest of them counts."""
    folded, stop = fold_text(text), 0
    offsets = _offsets(text, folded)
    for token in TOKEN.finditer(folded):
        length = max((len(prefix) for prefix in prefixes if token[0].startswith(prefix)), default=0)
        # One letter may hold two words: "¼" is folded to "1⁄4".
        if length and offsets[token.start()] >= stop:
            stop = offsets[token.start() + length - 1] + 1
            # An accent that stands behind its letter belongs to it.
            while stop < len(text) and not fold_text(text[stop]):
                stop += 1
            yield offsets[token.start()], stop


def _offsets(text: str, folded: str) -> Sequence[int]:
    """Where each letter of the folded text stands in the text; mostly they stand at the same place."""
    if len(folded) == len(text):
        return range(len(text))
    return [index for index, letter in enumerate(text) for _ in fold_text(letter)]
