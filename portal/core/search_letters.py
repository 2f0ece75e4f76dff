"""Letters as search compares them: small, without accents, one for all that mean the same; and what each of them is.

The rules and where they come from:

- Accents go where a reader does without them: those of Latin, Greek and Cyrillic letters, the points of Arabic and
  Hebrew, the nukta. Marks that are vowels, tones or voicing stay: in Hindi, Bengali, Tamil, Thai they are half of what
  is written. Unicode's combining classes tell them apart (UAX #44, table 15).
- Arabic: no tatweel, one alef, one yeh, heh for teh marbuta, as Lucene's ArabicNormalizer and PersianNormalizer.
- Hindi: a nasal before a letter of its own row is written as anusvara (हिन्दी, हिंदी), chandrabindu as anusvara.
- Chinese, Japanese and the scripts of line breaking class SA (Thai, Lao, Khmer, Burmese …) are written without spaces
  between words (UAX #14, UAX #29). Their letters are *signs*; core/search_text.py pairs them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

REMEMBERED = 20_000
JOINER = "\u200c"
"""Where one word goes on as another: written in some scripts, and put into camelCase."""

LETTER, DIGIT, SIGN, LEADING, MARK, JOIN, DOT, PLUS, SHARP, OTHER = "wnslmjdph "
"""What a letter may be, see `shapes_of`. LEADING is a vowel before its consonant (UCD: Logical_Order_Exception)."""

# Letters that Unicode does not take apart into a plain one and an accent, and letters that stand for each other.
_LATIN = {"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t"}
_ARABIC = {"ـ": "", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ە": "ه", "ہ": "ه", "ھ": "ه"}
_PLAIN = _LATIN | _ARABIC | {"♯": "#", "ँ": "ं", "\u200b": " ", "‐": "-", "’": "'"}
# Kana voicing, virama, Telugu and Thai vowels, Thai and Lao tones, Tibetan vowels; 0 are vowels that take room.
_KEPT_MARKS = {0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132}
# Marks that only choose a shape: variation selectors, grapheme joiner, inherent vowels of Khmer that nobody sees.
_UNSEEN = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACELESS = re.compile(
    "[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"
    "\U00011700-\U0001174f]"
)
_SIGNS = {"-": JOIN, "_": JOIN, "'": JOIN, JOINER: JOIN, ".": DOT, "+": PLUS, "#": SHARP}
# Vowels of Thai and Lao that stand behind their consonant and count as letters, not as marks.
_VOWELS_BEHIND = dict.fromkeys("\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3", MARK)
_SHAPES = _SIGNS | dict.fromkeys("เแโใไເແໂໃໄ", LEADING) | _VOWELS_BEHIND
_CAMEL = re.compile("(?<=[a-z][a-z])(?=[A-Z][A-Za-z])|(?<=[A-Z][A-Z])(?=[A-Z][a-z])")
_VIRAMA = "\u094d"
_ROWS = {"\u0919": "क-घ", "\u091e": "च-झ", "\u0923": "ट-ढ", "\u0928": "त-ध", "\u092e": "प-भ"}
_NASAL = re.compile(
    "(?<=[\u0900-\u0963])(?:" + "|".join(f"{nasal}{_VIRAMA}(?=[{row}])" for nasal, row in _ROWS.items()) + ")"
)
_ANUSVARA = "\u0902\u200d"
"""With a joiner that nobody sees: so the text keeps its length."""


class _Folds(dict[str, str]):
    """What each letter is folded to. Remembers a bounded number: texts of strangers may hold any letter there is."""

    def __missing__(self, letter: str) -> str:
        decomposed = unicodedata.normalize("NFKD", letter.casefold()).casefold()
        folded = "".join(map(_folded, decomposed))
        if len(self) < REMEMBERED:
            self[letter] = folded
        return folded


def _folded(letter: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    is_accent = category[0] == "M" and (unicodedata.combining(letter) not in _KEPT_MARKS or _UNSEEN.match(letter))
    return "" if is_accent or (category == "Cf" and letter != JOINER) else letter


class _Shapes(dict[int, str]):
    """What each folded letter is. Remembers a bounded number."""

    def __missing__(self, code: int) -> str:
        shape = _shape(chr(code))
        if len(self) < REMEMBERED:
            self[code] = shape
        return shape


def _shape(letter: str) -> str:
    if letter in _SHAPES:
        return _SHAPES[letter]
    kind = unicodedata.category(letter)[0]
    if kind not in "LNM":
        return OTHER
    if kind == "M":
        return MARK
    return SIGN if _SPACELESS.match(letter) else LETTER if kind == "L" else DIGIT


_folds = _Folds()
_shapes = _Shapes()


def fold_text(text: str) -> str:
    """The text in small letters and without accents: "Éloïse" and "ELOISE" become the same."""
    return text.lower() if text.isascii() else "".join(map(_folds.__getitem__, unicodedata.normalize("NFKD", text)))


def fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, with a `JOINER` where camelCase goes on, and for each letter in it where it stands in `text`."""
    letters, places = (text, range(len(text))) if text.isascii() else _taken_apart(text)
    letters, places = _join_camel(letters, places)
    if text.isascii():
        return letters.lower(), places
    folded = [_folds[letter] for letter in _NASAL.sub(_ANUSVARA, letters)]
    return "".join(folded), [place for place, letter in zip(places, folded, strict=True) for _ in letter]


def shapes_of(folded: str) -> str:
    """What each letter of a folded text is: a letter or digit of a word, a SIGN, a MARK on either, or what may stand
    between two words."""
    return folded.translate(_shapes)


def _taken_apart(text: str) -> tuple[str, Sequence[int]]:
    """The text with its accents apart. A letter and its marks are taken together: marks may change their order."""
    starts = [place for place, letter in enumerate(text) if not place or not is_mark(letter)]
    stops = [*starts[1:], len(text)]
    clusters = [unicodedata.normalize("NFKD", text[start:stop]) for start, stop in zip(starts, stops, strict=True)]
    return "".join(clusters), [start for start, cluster in zip(starts, clusters, strict=True) for _ in cluster]


def is_mark(letter: str) -> bool:
    """Whether it belongs to the letter before it."""
    return letter > "\u02ff" and unicodedata.category(letter)[0] == "M"


def _join_camel(letters: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    joints = [match.start() for match in _CAMEL.finditer(letters)]
    if not joints:
        return letters, places
    edges = [0, *joints, len(letters)]
    spans = [slice(start, stop) for start, stop in pairwise(edges)]
    moved: list[int] = []
    for span in spans:
        moved += [*places[span], places[max(span.stop - 1, 0)]]
    return JOINER.join(letters[span] for span in spans), moved[:-1]
