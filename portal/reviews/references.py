"""Which change somebody means who types its number, its Change-Id or its address. Pure.

Changes are stored with these as tokens behind the sign `MEANT`, which are found as a whole only.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

from portal.forges.forge import Forge, Forges

MEANT = "#"
_NUMBER = re.compile(r"[#!]?(\d{1,18})")
_IN_PROJECT = re.compile(r"([\w.~+-]+(?:/[\w.~+-]+)*)[!#](\d{1,18})")
_CHANGE_ID = re.compile(r"I[0-9a-f]{7,40}", re.IGNORECASE)


def meant_by_words(text: str) -> list[str]:
    """The tokens of the changes that are called so: "1234", "#1234", "!7", "tools/maps!7"."""
    if number := _NUMBER.fullmatch(text):
        return [f"{MEANT}{int(number[1])}"]
    in_project = _IN_PROJECT.fullmatch(text)
    return [_digest("", "", in_project[1], int(in_project[2]))] if in_project else []


def is_change_id(text: str) -> bool:
    """Whether it is a Change-Id, or how one begins."""
    return bool(_CHANGE_ID.fullmatch(text))


def meant_by_address(text: str, forges: Forges) -> list[str]:
    """The tokens of the changes whose address on any kind of server stands in the text, with or without https://."""
    addresses = (word if "://" in word else f"https://{word}" for word in text.split() if "/" in word)
    named = ((forge.kind, forge.change_at(address)) for address in addresses for forge in forges.values())
    return [_digest(kind, change.host, change.project, change.number) for kind, change in named if change]


def tokens_of_change(forge: Forge[Any], row: Any) -> list[str]:
    """By what a change (with number, project and url) can be meant."""
    address = forge.change_at(row.url)
    tokens = [f"{MEANT}{row.number}", _digest("", "", row.project, row.number)]
    if address is None:
        return tokens
    named = (_digest(forge.kind, address.host, project, row.number) for project in (address.project, ""))
    return list(dict.fromkeys((*tokens, *named)))


def _digest(kind: str, host: str, project: str, number: int) -> str:
    """A short token for a change that may have a long address; it holds a letter, so it is no number."""
    identity = f"{kind}:{host}/{project}!{number}".casefold().encode()
    return f"{MEANT}a{blake2b(identity, digest_size=10).hexdigest()}"
