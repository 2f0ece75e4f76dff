"""How roles are found by search: by what they ask and permit."""

from __future__ import annotations

from collections.abc import Iterator

from portal.core.content import Library, render_markdown
from portal.core.i18n import lazy
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.roles.content import RoleDefinitions


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for role in library.get(RoleDefinitions):
        said = role.text_in(language)
        sections = (said.must, said.should, said.may, said.entry, said.term, said.leaving)
        body = " ".join(render_markdown(section).striptags() for section in sections)
        yield ContentText(said.title, said.purpose, "roles.show", {"slug": role.slug}, body=body)


ROLES = ContentSearch(
    SearchGroup("roles", lazy("Roles"), lazy("by what they ask and permit"), order=40),
    _texts,
)
