"""Words as search compares them: small and without accents, the same whatever the database, and marked in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from markupsafe import Markup, escape

LONGEST_QUESTION = 200
MOST_WORDS = 8
LONGEST_WORD = 40
REMEMBERED = 20_000
# Letters that Unicode does not take apart into a plain one and an accent.
PLAIN = {"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t"}
# Chinese and Japanese are written without spaces: each sign is a word of its own.
_SIGNS = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(rf"[^\W_{_SIGNS}]+|[{_SIGNS}]")


class _Folds(dict[int, str]):
    """What each letter is folded to. Remembers a bounded number: texts of strangers may hold any letter there is."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code).casefold()).casefold()
        folded = "".join(PLAIN.get(one, one) for one in apart if not unicodedata.combining(one))
        if len(self) < REMEMBERED:
            self[code] = folded
        return folded


_folds = _Folds()


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for. Each word is the beginning of one; all must be there. Without a word: nothing."""

    text: str = ""
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)


def fold(text: str) -> str:
    """The text in small letters and without accents: "Éloïse" and "ELOISE" become the same."""
    return text.translate(_folds)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order; of what is no letter and no digit nothing is left."""
    return [word[:LONGEST_WORD] for word in WORD.findall(fold(text))]


def question(typed: str) -> Question:
    """What was typed, as far as it can be looked for: the first words of a long text, each once."""
    text = " ".join(typed[:LONGEST_QUESTION].split())
    return Question(text, tuple(dict.fromkeys(words_of(text)))[:MOST_WORDS])


def key_of(title: str) -> int:
    """A number that two titles share when they have the same words, and by chance never: to find the very same one."""
    joined = " ".join(words_of(title)).encode()
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), signed=True)


def mark(text: str, asked: Question) -> Markup:
    """The text, escaped, with what was asked for marked."""
    parts, end = [], 0
    for start, stop in _found(text, asked.words):
        parts += [escape(text[end:start]), Markup("<mark>{}</mark>").format(text[start:stop])]
        end = stop
    return Markup("").join([*parts, escape(text[end:])])


def excerpt(text: str, asked: Question, length: int = 160) -> str:
    """One line of a text around the first word that was asked for; from its beginning when there is none."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    first = next((start for start, _stop in _found(line, asked.words)), 0)
    start = max(0, min(first - length // 3, len(line) - length))
    start = line.find(" ", start, first) + 1 or start if start else 0
    stop = start + length
    stop = line.rfind(" ", first + 1, stop) if stop < len(line) else len(line)
    stop = stop if stop > 0 else start + length
    return f"{'… ' if start else ''}{line[start:stop]}{' …' if stop < len(line) else ''}"


def _found(text: str, beginnings: Iterable[str]) -> Iterator[tuple[int, int]]:
    """From where to where in the text as it is written a word begins like one of these; the longest of them counts."""
    folded, stop = fold(text), 0
    place = _places(text, folded)
    for word in WORD.finditer(folded):
        begins = max((len(one) for one in beginnings if word[0].startswith(one)), default=0)
        # One letter may hold two words: "¼" is folded to "1⁄4".
        if begins and place[word.start()] >= stop:
            stop = place[word.start() + begins - 1] + 1
            while stop < len(text) and not fold(text[stop]):  # an accent that stands behind its letter belongs to it
                stop += 1
            yield place[word.start()], stop


def _places(text: str, folded: str) -> Sequence[int]:
    """Where each letter of the folded text stands in the text; mostly they stand at the same place."""
    if len(folded) == len(text):
        return range(len(text))
    return [index for index, letter in enumerate(text) for _ in fold(letter)]
