"""How skills are found by search: by their names in every language."""

from __future__ import annotations

from collections.abc import Iterator

from portal.core.content import Library
from portal.core.i18n import lazy
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.core.search_text import SearchQuery, tokens_of
from portal.people.content import Skill, Skills


def skills_meant(library: Library, query: SearchQuery) -> dict[str, list[str]]:
    """The skills that each word may mean: those of whose names, in any language, a word begins so."""
    begun = [(skill.slug, set(tokens_of(_names_of(skill)))) for skill in library.get(Skills).by_slug.values()]
    return {
        word: [slug for slug, names in begun if any(name.startswith(word) for name in names)] for word in query.tokens
    }


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for group in library.get(Skills).groups:
        for skill in group.skills:
            args, names = {"skill": skill.slug}, _names_of(skill)
            yield ContentText(skill.name_in(language), group.name_in(language), "mentoring.mentors", args, names)


def _names_of(skill: Skill) -> str:
    return " ".join((skill.slug, skill.name, *skill.aliases, *skill.translations.values()))


SKILLS = ContentSearch(
    SearchGroup(
        "skills",
        lazy("Skills"),
        lazy("by their names in every language; each leads to the mentors who have it"),
        order=30,
    ),
    _texts,
)
