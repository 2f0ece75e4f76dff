"""What is left of a word without its ending, so that "changes" finds "change": by Snowball's stemmers.

A stemmer knows one language. Which one a Latin word is in, nobody says: whoever stores or asks for it names languages.
Of other scripts the letters tell it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

SHORTEST = 3
_LATIN = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "tr": "turkish",
}
# By the first letter's code: where the letters of a script begin and end, and the language most write in them.
_SCRIPTS = (
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "russian"),
    (0x0530, 0x058F, "armenian"),
    (0x0600, 0x06FF, "arabic"),
    (0x0900, 0x097F, "hindi"),
    (0x0B80, 0x0BFF, "tamil"),
)
# Languages that share a script with the one above.
_OTHERS = {("arabic", "fa"): "persian", ("russian", "sr"): "serbian", ("hindi", "ne"): "nepali"}


def stems_of(word: str, languages: Collection[str]) -> Iterator[str]:
    """The stems of a word in small letters, in each of these languages that has a stemmer and is written so."""
    if len(word) >= SHORTEST and not any(letter.isdigit() for letter in word):
        for name in _stemmers_for(word[0], languages):
            yield _stem(name, word)


def _stemmers_for(letter: str, languages: Collection[str]) -> list[str]:
    if letter < "\u0250":
        return list(dict.fromkeys(_LATIN[code] for code in map(_plain_code, languages) if code in _LATIN))
    names = (name for first, last, name in _SCRIPTS if first <= ord(letter) <= last)
    return [next((_OTHERS[name, code] for code in languages if (name, code) in _OTHERS), name) for name in names]


def _plain_code(language: str) -> str:
    return language.partition("-")[0].lower()


def _stem(name: str, word: str) -> str:
    import snowballstemmer  # takes a third of a second to import: not every command stems

    # A stemmer of its own: it keeps what it works on in itself, and threads work at once.
    stem: str = snowballstemmer.stemmer(name).stemWord(unicodedata.normalize("NFC", word))
    return stem
