"""A toolinfo record, of any version and however it was written, made into a sound one of version 1.2.2. Pure.

What can be mended is mended and noted; what cannot is left out and noted; a record without the four things every tool
needs is refused with the reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from portal.tools import fields, vocabularies
from portal.tools.fields import MISSING, RepairNotes

SCHEMA = "/toolinfo/1.2.2"
TYPES = (
    "web app",
    "desktop app",
    "bot",
    "gadget",
    "user script",
    "command line tool",
    "coding framework",
    "lua module",
    "template",
    "other",
)

_OLD_NAMES = {
    "$language": "_language",
    "$schema": "_schema",
    "issue_tracker_url": "bugtracker_url",
    "issues_url": "bugtracker_url",
    "source": "repository",
    "authors": "author",
    "licence": "license",
}
_LINKS = ("repository", "replaced_by", "api_url", "translate_url", "bugtracker_url")
_LINKS_BY_LANGUAGE = ("developer_docs_url", "user_docs_url", "feedback_url", "privacy_policy_url")
_FLAGS = ("deprecated", "experimental")
_SHORT = ("subtitle", "openhub_id", "bot_username", "license")
_LISTS = ("sponsor", "technology_used")
_KNOWN = {
    *("name", "title", "description", "url", "keywords", "author", "url_alternates", "for_wikis", "icon"),
    *("available_ui_languages", "tool_type", "_schema", "_language"),
    *(_LINKS + _LINKS_BY_LANGUAGE + _FLAGS + _SHORT + _LISTS),
}
_NAME_UNFIT = re.compile(r"[^\w.~-]+")
# Addresses of ours: they would hide a tool of that name.
_TAKEN_NAMES = {name: name.replace(".", "-") for name in ("toolinfo.json", "tools.csv", "wanted.atom")}


class RecordRefused(Exception):
    """This record cannot become a tool. The message says why, for the person who imports it; `name` if it has one."""

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(why)
        self.name = name


@dataclass(frozen=True)
class NormalisedRecord:
    """A record that fits version 1.2.2, and what had to be done for it."""

    record: dict[str, Any]
    mended: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The tool's name."""
        return str(self.record["name"])

    @property
    def keywords(self) -> list[str]:
        """The words it is found by."""
        return vocabularies.words_in(self.record.get("keywords", ""))

    @property
    def digest(self) -> str:
        """The same for equal records, whatever the order of their fields."""
        text = json.dumps(self.record, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def normalise(raw: Any) -> NormalisedRecord:
    """The record as version 1.2.2 wants it. Raises RecordRefused when it lacks a name, a description or an address."""
    if not isinstance(raw, dict):
        raise RecordRefused(f"a record is an object, and this is {fields.kind_of(raw)}")
    notes = RepairNotes()
    renamed = _with_new_names(raw, notes)
    name = _name(renamed, notes)
    record = {"name": name, **_needed(renamed, name, notes)}
    language = fields.language(renamed.get("_language", MISSING), "_language", notes)
    record |= _optional(renamed, language or "en", notes)
    if language:
        record["_language"] = language
    record["_schema"] = SCHEMA
    return NormalisedRecord(record, notes.texts)


def _with_new_names(raw: dict[str, Any], notes: RepairNotes) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    unknown = []
    for key, value in raw.items():
        new = _OLD_NAMES.get(key, key)
        if new != key and new not in raw and not new.startswith("_"):
            notes.add(f"{fields.quoted(key)} is called {new}")
        if new not in _KNOWN:
            unknown.append(key)
        elif new == key or new not in raw:
            renamed[new] = value
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        notes.add(f"left out what toolinfo does not know: {', '.join(map(fields.quoted, unknown[:5]))}{more}")
    return {key: value for key, value in renamed.items() if value is not None}


def _name(record: dict[str, Any], notes: RepairNotes) -> str:
    given_name = record.get("name")
    if not isinstance(given_name, str) or not (plain := fields.cleaned_text(given_name)):
        raise RecordRefused(
            "it has no name" if given_name is None else f"its name is {fields.kind_of(given_name)}, not a text"
        )
    if len(plain) > 255:
        raise RecordRefused("its name is longer than 255 characters", plain[:60] + "…")
    name = _NAME_UNFIT.sub("-", plain).strip("-.~")
    name = _TAKEN_NAMES.get(name, name)
    if not name:
        raise RecordRefused("its name has no letter or digit", plain)
    if name != given_name:
        notes.add(f"the name {fields.quoted(given_name)} became {name}")
    return name


def _needed(record: dict[str, Any], name: str, notes: RepairNotes) -> dict[str, Any]:
    url = fields.first_link(record.get("url", MISSING), "url", notes)
    if not url:
        why = "it has no url" if "url" not in record else "its url is no http or https address"
        raise RecordRefused(f"{why}: {fields.quoted(record['url'])}" if "url" in record else why, name)
    title = fields.text(record.get("title", MISSING), "title", 255, notes)
    if not title:
        title = name
        notes.add("the title is missing: the name stands in its place")
    description = fields.text(record.get("description", MISSING), "description", 65_535, notes, lines=True)
    if not description:
        description = fields.text(record.get("subtitle", MISSING), "subtitle", 255, RepairNotes())
        if not description:
            raise RecordRefused("it has no description", name)
        notes.add("the description is missing: the subtitle stands in its place")
    return {"title": title, "description": description, "url": url}


def _optional(record: dict[str, Any], language: str, notes: RepairNotes) -> dict[str, Any]:
    """Every other field that could be made sound."""
    made: dict[str, Any] = {}
    for key, value in record.items():
        if key in _SHORT:
            made[key] = fields.text(value, key, 255, notes)
        elif key in _LISTS:
            made[key] = fields.texts(value, key, notes)
        elif key in _FLAGS:
            made[key] = fields.flag(value, key, notes)
        elif key in _LINKS:
            made[key] = fields.link(value, key, notes)
        elif key in _LINKS_BY_LANGUAGE:
            made[key] = fields.links_by_language(value, key, language, notes)
    made["url_alternates"] = fields.alternates(record, language, notes)
    made["keywords"] = vocabularies.keywords(record.get("keywords", MISSING), notes)
    made["author"] = vocabularies.people(record.get("author", MISSING), notes)
    made["for_wikis"] = vocabularies.wikis(record.get("for_wikis", MISSING), notes)
    made["available_ui_languages"] = vocabularies.languages(record.get("available_ui_languages", MISSING), notes)
    made["tool_type"] = vocabularies.tool_type(record.get("tool_type", MISSING), TYPES, notes)
    made["icon"] = vocabularies.icon(record.get("icon", MISSING), notes)
    return {key: value for key, value in made.items() if value not in (None, "", [])}
