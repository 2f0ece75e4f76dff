"""What somebody looks for, by which tokens a text is found, and both brought together: marked, cut to one line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from markupsafe import Markup, escape

from portal.core.i18n import stored_languages
from portal.core.search_words import TextWord, end_of_letter, words_of

LONGEST_QUERY = 500
MOST_TOKENS = 8
PIECE_OF_LINE = 1000
STEM = "-"
"""Stands before a stem among the tokens: it is found as a whole, and nobody is shown it."""

_LETTERS_THEN_DIGITS = re.compile(r"[a-z]{1,16}(\d{1,8})")


@dataclass(frozen=True, slots=True)
class SearchWord:
    """One word that is looked for: by its beginning, by that of one of `wholes` (compounds that it is a part of, or the
    word without its article), or by a stem it shares.
    """

    token: str
    wholes: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What somebody looks for. Each word is the beginning of one; all must be there. Without a word: nothing."""

    text: str = ""
    words: tuple[SearchWord, ...] = ()
    languages: tuple[str, ...] = field(default_factory=stored_languages)
    """Those in which the words may be, to know their stems."""

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words that are looked for, folded."""
        return tuple(word.token for word in self.words)


def index_tokens(text: str, languages: Collection[str] | None = None) -> Iterator[str]:
    """All that a text is found by: its words, the compounds they are parts of, and behind `STEM` their stems."""
    languages = stored_languages() if languages is None else languages
    for word in words_of(text):
        yield from (word.token, *word.wholes)
        if word.plain:
            yield word.plain
        if numbered := _LETTERS_THEN_DIGITS.fullmatch(word.token):
            yield numbered[1]
        yield from (STEM + stem for stem in sorted(word.stems(text, languages)) if stem != word.token)


def parse_query(typed: str, languages: tuple[str, ...] | None = None) -> SearchQuery:
    """What was typed, as far as it can be looked for: the first words of a long text, each once."""
    languages = stored_languages() if languages is None else languages
    text = " ".join(typed[:LONGEST_QUERY].split())
    words: dict[str, SearchWord] = {}
    for word in words_of(text):
        if not word.is_rest and len(words) < MOST_TOKENS:
            stems = tuple(sorted(word.stems(text, languages)))
            # Without its article an Arabic word is the same; without its sign .NET would be another one.
            also = (*word.wholes, word.plain) if word.plain and word.is_spelt else word.wholes
            words.setdefault(word.token, SearchWord(word.token, also, stems))
    return SearchQuery(text, tuple(words.values()), languages)


def title_key_of(title: str) -> int:
    """A number that two titles share when they have the same words, and by chance never: to find the very same one.

    Where one word ends does not count: "Node.js" and "NodeJS" are the same.
    """
    joined = "".join(word.token for word in words_of(title) if not word.is_rest).encode()
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), signed=True)


def highlight(text: str, query: SearchQuery) -> Markup:
    """The text, escaped, with what was asked for marked."""
    pieces, end = [], 0
    for start, stop in _matches(text, query):
        pieces += [escape(text[end:start]), Markup("<mark>{}</mark>").format(text[start:stop])]
        end = stop
    return Markup("").join([*pieces, escape(text[end:])])


def has_match(text: str, query: SearchQuery) -> bool:
    """Whether one of the words that are looked for stands in the text."""
    return next(_matches(text, query), None) is not None


def excerpt(text: str, query: SearchQuery, length: int = 160) -> str:
    """One line of a text around the first word that was asked for; from its beginning when there is none."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    match = _first_match(line, query)
    start = max(0, min(match - length // 3, len(line) - length))
    start = line.find(" ", start, match) + 1 or start if start else 0
    stop = start + length
    stop = line.rfind(" ", match + 1, stop) if stop < len(line) else len(line)
    stop = stop if stop > 0 else start + length
    return f"{'… ' if start else ''}{line[start:stop]}{' …' if stop < len(line) else ''}"


def _first_match(line: str, query: SearchQuery) -> int:
    """Where the first match begins, else 0. Piece by piece: a text may be long, and have it at its beginning."""
    start = 0
    while start < len(line):
        stop = line.find(" ", start + PIECE_OF_LINE)
        stop = stop if stop > 0 else len(line)
        for match, _stop in _matches(line[start:stop], query):
            return start + match
        start = stop
    return 0


def _matches(text: str, query: SearchQuery) -> Iterator[tuple[int, int]]:
    """From where to where in the text as it is written something stands that was asked for; what touches is one."""
    begin = end = 0
    for word in words_of(text):
        stop = _match_end(text, word, query)
        if stop and word.start > end:
            if end:
                yield begin, end
            begin = word.start
        end = max(end, stop)
    if end:
        yield begin, end


def _match_end(text: str, word: TextWord, query: SearchQuery) -> int:
    """Up to where this word of the text was asked for; 0 when it was not. The longest beginning counts."""
    beginnings = (token for searched in query.words for token in (searched.token, *searched.wholes))
    longest = max((len(token) for token in beginnings if word.token.startswith(token)), default=0)
    if longest:
        spelt = len(word.token) == len(word.places)
        return end_of_letter(text, word.places[longest - 1]) if spelt and longest < len(word.token) else word.stop
    spellings = [spelling for spelling in (word.plain, *word.wholes) if spelling]
    if any(spelling.startswith(searched.token) for spelling in spellings for searched in query.words):
        return word.stop
    stems = {stem for searched in query.words for stem in searched.stems}
    is_same = stems and (word.token in stems or not stems.isdisjoint(word.stems(text, query.languages)))
    return word.stop if is_same else 0
