"""How roles are found by search: by what they ask and permit."""

from __future__ import annotations

from collections.abc import Iterator

from portal.core.content import Library
from portal.core.i18n import lazy
from portal.core.markdown import render_markdown
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.roles.content import RoleDefinitions


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for role in library.get(RoleDefinitions):
        role_text = role.text_in(language)
        sections = (role_text.must, role_text.should, role_text.may, role_text.entry, role_text.term, role_text.leaving)
        body = " ".join(render_markdown(section).striptags() for section in sections)
        yield ContentText(role_text.title, role_text.purpose, "roles.show", {"slug": role.slug}, body=body)


ROLES = ContentSearch(
    SearchGroup("roles", lazy("Roles"), lazy("by what they ask and permit"), order=40),
    _texts,
)
