"""Read content/roles: every slip is told with file, line and mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.content import Document, Library, Problems, is_stale
from portal.core.content_files import ContentFiles
from portal.core.i18n import SOURCE_LANGUAGE, target_languages
from portal.core.permissions import PermissionNames
from portal.people.content import Skills
from portal.roles.access import APPOINT
from portal.roles.content import FOLDER, RoleDefinition, RoleDefinitions, RoleText
from portal.roles.sections import RoleSection, by_part, check_source, check_translation, split

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 40


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    title: Annotated[str, Field(min_length=1, max_length=80)]
    purpose: Annotated[str, Field(min_length=1, max_length=300)]


class _TranslatedWords(_Words):
    translates: str = ""


class _Terms(_Words):
    permissions: list[str]
    min_seats: Annotated[int, Field(ge=0, le=1000)]
    max_seats: Annotated[int, Field(ge=1, le=1000)] | None = None
    term_months: Annotated[int, Field(ge=1, le=120)] | None = None
    skills: list[str] = []
    appointed_by: str
    apply_url: Annotated[str, Field(pattern=r"^/[a-z0-9/-]*$", max_length=200)] = ""


WordsKind = TypeVar("WordsKind", bound=_Words)


def load(content: ContentFiles, problems: Problems, library: Library) -> None:
    """Read every role and put RoleDefinitions into the library, where PermissionNames and Skills are already."""
    reader = _RoleReader(content, problems, library.get(PermissionNames), library.get(Skills))
    files = content.beside(FOLDER)
    sources = [path for path in files if "." not in path.stem]
    roles = {path.stem: role for path in sources if (role := reader.read(path, _translations(path, files)))}
    _check_translations(files, {path.stem for path in sources}, problems)
    _check_together(content, roles, {path.stem for path in sources}, problems)
    library.put(RoleDefinitions(roles))


def _translations(source: Path, files: list[Path]) -> dict[str, Path]:
    pairs = [(path.stem.partition("."), path) for path in files]
    return {
        code: path for (slug, dot, code), path in pairs if dot and slug == source.stem and code in target_languages()
    }


def _check_translations(files: list[Path], slugs: set[str], problems: Problems) -> None:
    for path in files:
        slug, dot, code = path.stem.partition(".")
        if dot and code not in target_languages():
            problems.add(path, 1, f"the portal has no language {code}", "mend the code, or add the language first")
        elif dot and slug not in slugs:
            problems.add(path, 1, f"this translates {slug}.md, which does not exist", "mend the name, or remove it")


def _check_together(
    content: ContentFiles, roles: Mapping[str, RoleDefinition], slugs: set[str], problems: Problems
) -> None:
    for role in roles.values():
        if role.appointed_by not in slugs:
            path = content.path(f"{FOLDER}/{role.slug}.md")
            what = f"appointed_by: there is no role {role.appointed_by}"
            problems.add(path, _line_of(path, "appointed_by"), what, f"use one of {', '.join(sorted(slugs))}")
    if len(roles) < len(slugs):
        return  # What a broken file grants is not known yet.
    if not any(APPOINT.name in role.permissions for role in roles.values()):
        what = "no role permits roles.appoint, so nobody could ever be appointed"
        problems.add(content.place(FOLDER), 1, what, "give it to the role that looks after this site")


def _line_of(path: Path, key: str) -> int:
    return Document(path, {}, "", 1).line_of(key)


class _RoleReader:
    """Reads one role after the other and notes what is wrong with it."""

    def __init__(self, content: ContentFiles, problems: Problems, permissions: PermissionNames, skills: Skills) -> None:
        self._content = content
        self._problems = problems
        self._permissions = permissions
        self._skills = skills

    def read(self, path: Path, translations: Mapping[str, Path]) -> RoleDefinition | None:
        """The role in this file, or None when it has problems."""
        before = len(self._problems.found)
        document = self._content.read_markdown(path, self._problems)
        if document is None:
            return None
        self._check_slug(path)
        terms = self._front_matter(document, _Terms)
        sections = split(document, self._problems)
        check_source(document, sections, self._problems)
        if terms:
            terms = self._with_known_skills(document, terms)
            self._check_terms(document, terms)
        others = {code: self._translation(other, path, sections) for code, other in translations.items()}
        if terms is None or len(self._problems.found) > before:
            return None
        texts = {SOURCE_LANGUAGE: _text(terms, sections), **{code: text for code, text in others.items() if text}}
        return _definition(path.stem, terms, texts, self._permissions.names)

    def _translation(self, path: Path, source: Path, originals: list[RoleSection]) -> RoleText | None:
        before = len(self._problems.found)
        document = self._content.read_markdown(path, self._problems)
        if document is None:
            return None
        front_matter = self._front_matter(document, _TranslatedWords)
        sections = split(document, self._problems)
        check_translation(document, sections, originals, self._problems)
        if front_matter is None or len(self._problems.found) > before:
            return None
        return _text(front_matter, sections, is_stale(document, source))

    def _check_slug(self, path: Path) -> None:
        if not SLUG.fullmatch(path.stem) or len(path.stem) > SLUG_LENGTH:
            what = f"the name {path.stem} cannot stand in an address"
            mend = f"use small letters, digits and single hyphens, at most {SLUG_LENGTH}"
            self._problems.add(path, 1, what, mend)

    def _front_matter(self, document: Document, shape: type[WordsKind]) -> WordsKind | None:
        try:
            return shape.model_validate(document.meta)
        except ValidationError as error:
            for detail in error.errors():
                self._report(document, detail)
            return None

    def _report(self, document: Document, error: Any) -> None:
        key = str(error["loc"][0])
        mend = {
            "missing": f"add the line {key}: … between the two ---",
            "extra_forbidden": "remove the line, or mend the spelling of its key",
        }.get(error["type"], "mend the value")
        what = f"unknown key {key}" if error["type"] == "extra_forbidden" else f"{key}: {error['msg'].lower()}"
        if error["type"] == "extra_forbidden" and key in _Terms.model_fields:
            what, mend = f"{key} is said once, in the English file", "remove the line"
        self._problems.add(document.path, document.line_of(key), what, mend)

    def _with_known_skills(self, document: Document, terms: _Terms) -> _Terms:
        """A shipped role may name skills that this site hides: they are taken out."""
        if not self._content.yields(document.path):
            return terms
        return terms.model_copy(update={"skills": [skill for skill in terms.skills if skill in self._skills]})

    def _check_terms(self, document: Document, terms: _Terms) -> None:
        for name in _unknown(terms.permissions, self._permissions.names):
            mend = f"use one of {', '.join(self._permissions.names)}"
            self._note(document, "permissions", f"the portal knows no permission {name}", mend)
        # Without any skill the file of skills is what must be mended, and it has been told.
        for skill in _unknown(terms.skills, self._skills.by_slug or terms.skills):
            mend = "use a slug of content/skills.toml, or add the skill there"
            self._note(document, "skills", f"there is no skill {skill}", mend)
        if terms.max_seats is not None and terms.min_seats > terms.max_seats:
            what = f"min_seats {terms.min_seats} is more than max_seats {terms.max_seats}"
            self._note(document, "min_seats", what, "lower the one or raise the other")

    def _note(self, document: Document, key: str, what: str, mend: str) -> None:
        self._problems.add(document.path, document.line_of(key), what, mend)


def _unknown(names: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(known))


def _text(front_matter: _Words, sections: list[RoleSection], stale: bool = False) -> RoleText:
    return RoleText(title=front_matter.title, purpose=front_matter.purpose, is_stale=stale, **by_part(sections))


def _definition(slug: str, terms: _Terms, texts: Mapping[str, RoleText], known: Iterable[str]) -> RoleDefinition:
    return RoleDefinition(
        slug=slug,
        permissions=tuple(name for name in known if name in terms.permissions),
        min_seats=terms.min_seats,
        max_seats=terms.max_seats,
        term_months=terms.term_months,
        skills=tuple(terms.skills),
        appointed_by=terms.appointed_by,
        apply_url=terms.apply_url,
        texts=texts,
    )
