"""Role definitions: content/roles/<slug>.md, translated in <slug>.<language>.md beside it, checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from portal.core.errors import NotFound
from portal.core.i18n import SOURCE_LANGUAGE, known_languages, lazy
from portal.core.permissions import Permission

FOLDER = "roles"
STEWARD = "portal-steward"


@dataclass(frozen=True, slots=True)
class RoleText:
    """What a role file says in one language; all but title and purpose is Markdown.

    `is_stale` says of a translation that it was made from an older English text.
    """

    title: str
    purpose: str
    must: str
    should: str
    may: str
    entry: str
    term: str
    leaving: str
    is_stale: bool = False


@dataclass(frozen=True)
class RoleDefinition:
    """A role as its file describes it. Holders of the role `appointed_by` may appoint to this one.

    `permissions` are their names.
    `max_seats` None: any number; `term_months` None: no fixed term; `apply_url` is the page on which people apply
    when the role has one of its own.
    """

    slug: str
    permissions: tuple[str, ...]
    min_seats: int
    max_seats: int | None
    term_months: int | None
    skills: tuple[str, ...]
    appointed_by: str
    apply_url: str
    texts: Mapping[str, RoleText]

    def text_in(self, language: str) -> RoleText:
        """The text in this language, else in the nearest one that there is."""
        return self.texts[self.language_in(language)]

    def language_in(self, language: str) -> str:
        """The language that `text_in` this one speaks."""
        chain = (language, *known_languages()[language].fallbacks)
        return next((code for code in chain if code in self.texts), SOURCE_LANGUAGE)

    def is_translated(self, language: str) -> bool:
        """Whether `text_in` this language speaks it, and not another in its place."""
        return known_languages()[language].is_source or self.language_in(language) == language

    def vacancies(self, holders: int) -> int:
        """How many people are missing to the smallest number this role needs."""
        return max(0, self.min_seats - holders)

    def is_full(self, holders: int) -> bool:
        """Whether every seat is taken."""
        return self.max_seats is not None and holders >= self.max_seats


@dataclass(frozen=True)
class RoleDefinitions:
    """All roles, by slug."""

    by_slug: Mapping[str, RoleDefinition]

    def __iter__(self) -> Iterator[RoleDefinition]:
        return iter(self.by_slug.values())

    def get(self, slug: str) -> RoleDefinition:
        """The role with this slug. Raises NotFound."""
        if slug not in self.by_slug:
            raise NotFound(lazy("There is no such role. The page of roles lists them all."))
        return self.by_slug[slug]

    def title(self, slug: str, language: str) -> str:
        """What a role is called; the slug itself for one whose file is gone but which somebody once held."""
        return self.by_slug[slug].text_in(language).title if slug in self.by_slug else slug

    def permissions_of(self, slugs: Iterable[str]) -> frozenset[str]:
        """What these roles permit together."""
        held = [self.by_slug[slug] for slug in slugs if slug in self.by_slug]
        return frozenset(name for role in held for name in role.permissions)

    def granting(self, permission: Permission) -> frozenset[str]:
        """The slugs of the roles that grant this permission."""
        return frozenset(role.slug for role in self if permission.name in role.permissions)
