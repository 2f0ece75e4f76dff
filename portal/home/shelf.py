"""What the content files say, as search finds it: skills, tracks with their steps, roles and help pages.

They are a few hundred texts that change with a restart only, and each reader finds them in their own language: so they
are indexed in memory, once for each language, and cost no SQL statement.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.core.content import Library, render_markdown
from portal.core.i18n import LANGUAGES
from portal.core.words import Question, fold, key_of, words_of
from portal.home.content import Pages
from portal.people.content import Skill, Skills
from portal.roles.content import RoleDefinitions
from portal.tracks.content import Tracks

LEVELS = range(3)
"""Where words are found: in the title; there, in the summary or in other names; anywhere."""


@dataclass(frozen=True)
class Text:
    """One thing that content files tell of. `kind` is the group it is shown in; it stands at `endpoint` with `args`."""

    kind: str
    title: str
    summary: str
    endpoint: str
    args: Mapping[str, Any]
    names: str = ""
    body: str = ""
    key: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", key_of(self.title))


class Shelf:
    """The texts of one language, and the words that lead to them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts = texts
        self._having = [_postings(texts, level) for level in LEVELS]
        self._words = [sorted(having) for having in self._having]

    def find(self, asked: Question) -> list[Text]:
        """What has all these words: what is called just so first, then by where the words stand, as the files order."""
        found: dict[int, None] = {}
        for level in LEVELS:
            found |= dict.fromkeys(sorted(self._at(asked, level)))
        texts = [self._texts[number] for number in found]
        return sorted(texts, key=lambda text: text.key != key_of(asked.text))

    def _at(self, asked: Question, level: int) -> set[int]:
        each = [set().union(*self._beginning(word, level)) for word in asked.words]
        return set.intersection(*each) if each else set()

    def _beginning(self, word: str, level: int) -> Iterator[set[int]]:
        words = self._words[level]
        for place in range(bisect_left(words, word), len(words)):
            if not words[place].startswith(word):
                return
            yield self._having[level][words[place]]


@lru_cache(maxsize=2 * len(LANGUAGES))
def shelf_of(library: Library, language: str) -> Shelf:
    """Everything that the content files say, in this language where they speak it, else in English."""
    tell = (_skills, _tracks, _roles, _help)
    return Shelf([text for kind in tell for text in kind(library, language)])


def skills_meant(library: Library, asked: Question) -> dict[str, list[str]]:
    """The skills that each word may mean: those of whose names, in any language, a word begins so."""
    begun = [(skill.slug, set(words_of(_names_of(skill)))) for skill in library.get(Skills).by_slug.values()]
    return {
        word: [slug for slug, names in begun if any(name.startswith(word) for name in names)] for word in asked.words
    }


def _postings(texts: Iterable[Text], level: int) -> dict[str, set[int]]:
    having: defaultdict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        parts = (text.title, f"{text.summary} {text.names}", text.body)[: level + 1]
        for word in words_of(" ".join(parts)):
            having[word].add(number)
    return having


def _names_of(skill: Skill) -> str:
    return " ".join((skill.slug, skill.name, *skill.aliases, *skill.translations.values()))


def _skills(library: Library, language: str) -> Iterator[Text]:
    for group in library.get(Skills).groups:
        for skill in group.skills:
            args = {"skill": skill.slug}
            name, names = skill.name_in(language), _names_of(skill)
            yield Text("skills", name, group.name_in(language), "mentoring.mentors", args, names)


def _tracks(library: Library, language: str) -> Iterator[Text]:
    for track in library.get(Tracks):
        said = track.text_in(language)
        yield Text("tracks", said.title, said.summary, "tracks.show", {"slug": track.slug}, said.audience)
        for step in track.steps:
            text, args = step.text_in(language), {"slug": track.slug, "step_slug": step.slug}
            yield Text("tracks", text.title, text.summary, "tracks.step", args, body=text.html.striptags())


def _roles(library: Library, language: str) -> Iterator[Text]:
    for role in library.get(RoleDefinitions):
        said = role.text_in(language)
        sections = (said.must, said.should, said.may, said.entry, said.term, said.leaving)
        body = " ".join(render_markdown(section).striptags() for section in sections)
        yield Text("roles", said.title, said.purpose, "roles.show", {"slug": role.slug}, body=body)


def _help(library: Library, language: str) -> Iterator[Text]:
    for page in library.get(Pages).all(language):
        yield Text("help", page.title, page.summary, "home.help_page", {"slug": page.slug}, body=page.html.striptags())


def says(text: Text, asked: Question) -> str:
    """The text in which the words stand: the summary when it has one of them, else the whole."""
    folded = fold(text.summary)
    return text.summary if not text.body or any(word in folded for word in asked.words) else text.body
