"""How skills are found by search: by their names in every language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from portal.core.content import Library
from portal.core.i18n import lazy
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.core.search_text import SearchQuery
from portal.core.search_words import tokens_of
from portal.people.content import Skill, Skills


def skills_meant(library: Library, query: SearchQuery) -> dict[str, list[str]]:
    """The skills that each word may mean: the one that is called so in any language, else those of whose names a word
    begins so.
    """
    called = library.derived(("skill words",), lambda: _called(library.get(Skills)))
    return {word: _meant(called, word) for word in query.tokens}


def _meant(called: Mapping[str, tuple[Collection[str], Collection[str]]], word: str) -> list[str]:
    just_so = [slug for slug, (names, _words) in called.items() if word in names]
    return just_so or [slug for slug, (_names, words) in called.items() if any(one.startswith(word) for one in words)]


def _called(skills: Skills) -> dict[str, tuple[Collection[str], Collection[str]]]:
    """Of each skill, by its slug, the whole names without spaces and the single words in them."""
    split = {slug: [tokens_of(name) for name in _names_of(skill)] for slug, skill in skills.by_slug.items()}
    return {
        slug: ({"".join(one) for one in names}, {word for one in names for word in one})
        for slug, names in split.items()
    }


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for group in library.get(Skills).groups:
        for skill in group.skills:
            args, names = {"skill": skill.slug}, _names_of(skill)
            yield ContentText(skill.name_in(language), group.name_in(language), "mentoring.mentors", args, names)


def _names_of(skill: Skill) -> tuple[str, ...]:
    return (skill.slug, skill.name, *skill.aliases, *skill.translations.values())


SKILLS = ContentSearch(
    SearchGroup(
        "skills",
        lazy("Skills"),
        lazy("by their names in every language; each leads to the mentors who have it"),
        order=30,
        leads=True,
    ),
    _texts,
)
