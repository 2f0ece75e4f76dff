"""The words of a text as search takes them.

A *word* is a run of letters, digits and marks. Where words are written without spaces between them, every two
neighbouring signs are one, as Lucene's CJKBigramFilter has it: so any part of such a text is found, whatever its words
are. What hyphens, dots, underscores, apostrophes or camelCase join is found by its parts and as a whole. C++, C# and
.NET are words of their own: "cplusplus", "csharp", "dotnet".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from portal.core.search_letters import (
    DIGIT,
    DOT,
    JOIN,
    LEADING,
    LETTER,
    MARK,
    OTHER,
    PLUS,
    SHARP,
    SIGN,
    fold_text,
    fold_with_places,
    is_mark,
    shapes_of,
)
from portal.core.stemming import stems_of

LONGEST_TOKEN = 40
MOST_JOINED = 4
_PIECE = re.compile(f"[{LETTER}{DIGIT}][{LETTER}{DIGIT}{MARK}]*|[{SIGN}{LEADING}][{SIGN}{LEADING}{MARK}]*")
_CLUSTER = re.compile(f"{LEADING}*{SIGN}{MARK}*|{LEADING}+{MARK}*")
# What Arabic writes before a word without a space, as Lucene's ArabicStemmer (light10) takes it away.
_ARTICLE = re.compile("(?:[وبكف]?ال|لل|و)(?=[\u0620-\u064a]{3})")
_SIGNS = {SIGN, LEADING}
_ORDINARY = {"", OTHER, JOIN, DOT}
"""What stands behind a word that no sign adds to."""

_IN_STEMS = {LETTER, DIGIT, MARK}


class TextWord(NamedTuple):
    """A word, from `start` to `stop` in the text as it is written, where its letters stand at `places`.

    `plain` is the word without what a sign adds to it, or without its Arabic article; `wholes` are the compounds that
    it is a part of. The last sign of several is a word that nobody need look for: the pair before it says the same
    (`is_rest`).
    """

    token: str
    start: int
    stop: int
    places: Sequence[int]
    plain: str = ""
    wholes: tuple[str, ...] = ()
    is_rest: bool = False
    is_spelt: bool = True
    """Whether its letters stand in the text as they are, so that it has an ending."""

    def stems(self, text: str, languages: Collection[str]) -> frozenset[str]:
        """The folded stems of the word as it is written in `text`, and of the word without its accents."""
        return _stems(text[self.start : self.stop], self.token, tuple(languages)) if self.is_spelt else frozenset()


@lru_cache(50_000)
def _stems(written: str, token: str, languages: tuple[str, ...]) -> frozenset[str]:
    forms = {written.casefold(), token}
    folded = {fold_text(stem)[:LONGEST_TOKEN] for form in forms for stem in stems_of(form, languages)}
    return frozenset(stem for stem in folded if stem and _IN_STEMS.issuperset(shapes_of(stem)))


def words_of(text: str) -> Iterator[TextWord]:
    """The words of a text, in order; of what is no letter and no digit nothing is left."""
    return _Reader(text).words()


def tokens_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word.token for word in words_of(text)]


class _Piece(NamedTuple):
    start: int
    stop: int
    token: str
    plain: str = ""
    is_spelt: bool = True


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._folded, self._places = fold_with_places(text)
        self._shapes = shapes_of(self._folded)

    def words(self) -> Iterator[TextWord]:
        for pieces in self._compounds():
            if len(pieces) > 1:
                yield from self._of_compound(pieces)
            elif self._shapes[pieces[0].start] in _SIGNS:
                yield from self._of_signs(pieces[0])
            else:
                yield self._word(pieces[0], ())

    def _compounds(self) -> Iterator[list[_Piece]]:
        """Each word by itself, and together those that are joined."""
        compound: list[_Piece] = []
        for match in _PIECE.finditer(self._shapes):
            piece = self._piece(*match.span())
            if compound and not self._goes_on(compound[-1], piece):
                yield compound
                compound = []
            compound.append(piece)
        if compound:
            yield compound

    def _piece(self, start: int, stop: int) -> _Piece:
        shapes, plain = self._shapes, self._folded[start:stop]
        if shapes[stop : stop + 1] in _ORDINARY and shapes[max(start - 1, 0)] != DOT:
            return _Piece(start, stop, plain, _without_article(plain))
        if shapes.startswith(PLUS * 2, stop) and not shapes.startswith(PLUS, stop + 2):
            return _Piece(start, stop + 2, f"{plain}plusplus", plain if len(plain) > 1 else "", is_spelt=False)
        if len(plain) == 1 and shapes.startswith(SHARP, stop) and shapes[stop + 1 : stop + 2] not in (LETTER, SIGN):
            return _Piece(start, stop + 1, f"{plain}sharp", is_spelt=False)
        # A dot that begins a word. Two or more of them are an ellipsis.
        has_dot = shapes[start] == LETTER and shapes[max(start - 1, 0)] == DOT
        if has_dot and shapes[max(start - 2, 0) : start - 1] in ("", OTHER):
            return _Piece(start - 1, stop, f"dot{plain}", plain, is_spelt=False)
        return _Piece(start, stop, plain, _without_article(plain))

    def _goes_on(self, before: _Piece, piece: _Piece) -> bool:
        between = self._shapes[before.stop : piece.start]
        return (
            between in (JOIN, DOT)
            and self._shapes[before.start] not in _SIGNS
            and self._shapes[piece.start] not in _SIGNS
        )

    def _of_compound(self, pieces: Sequence[_Piece]) -> Iterator[TextWord]:
        wholes = [_whole(pieces)]
        for run in self._between_dots(pieces):
            for piece in run:
                fitting = dict.fromkeys(whole for whole in (*wholes, _whole(run)) if whole)
                yield self._word(piece, tuple(fitting))

    def _between_dots(self, pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
        run: list[_Piece] = []
        for piece in pieces:
            if run and self._shapes[run[-1].stop] == DOT:
                yield run
                run = []
            run.append(piece)
        yield run

    def _word(self, piece: _Piece, wholes: tuple[str, ...]) -> TextWord:
        places = self._places[piece.start : piece.stop]
        stop = end_of_letter(self._text, places[-1])
        token = piece.token[:LONGEST_TOKEN]
        return TextWord(token, places[0], stop, places, piece.plain, wholes, is_spelt=piece.is_spelt)

    def _of_signs(self, run: _Piece) -> Iterator[TextWord]:
        spans = [match.span() for match in _CLUSTER.finditer(self._shapes, run.start, run.stop)]
        for (start, middle), (_next, stop) in zip(spans, [*spans[1:], spans[-1]], strict=True):
            places = self._places[start:stop]
            token = self._folded[start:stop][:LONGEST_TOKEN]
            is_rest = middle == stop and len(spans) > 1
            end_in_text = end_of_letter(self._text, places[-1])
            yield TextWord(token, places[0], end_in_text, places, is_rest=is_rest, is_spelt=False)


def end_of_letter(text: str, place: int) -> int:
    """Where a letter with its marks ends in the text: an accent that stands behind its letter belongs to it."""
    stop = place + 1
    while stop < len(text) and text[stop] > "\x7f" and (is_mark(text[stop]) or not fold_text(text[stop])):
        stop += 1
    return stop


def _without_article(word: str) -> str:
    article = _ARTICLE.match(word) if word > "\u0600" else None
    return word[article.end() :] if article else ""


def _whole(pieces: Sequence[_Piece]) -> str:
    joined = "".join(piece.token for piece in pieces)
    return joined[:LONGEST_TOKEN] if 1 < len(pieces) <= MOST_JOINED else ""
