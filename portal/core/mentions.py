"""What people mention in their texts: whoever and whatever is meant becomes a link, looked up once for a whole page.

Three things are mentions: "@name", "#word" and an address. Rooms say what they mean (`Feature.mentions`), each with at
most one statement for all that it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

MOST_MENTIONS = 200
"""How many are looked up for one page; others stay as they were written."""


@dataclass(frozen=True, slots=True)
class MentionLink:
    """Where a mention leads, and what stands there instead of what was written; "": it stays as it was written."""

    url: str
    label: str = ""


FindMentions = Callable[[Session, Collection[str]], Mapping[str, MentionLink]]
"""Which of these mentions ("@ana", "#python", "https://…") a room knows, and where they lead."""

MentionLinks = tuple[tuple[str, MentionLink], ...]


class PageMentions:
    """What one page mentions, as far as it has been looked up by `find`."""

    def __init__(self, find: Callable[[Collection[str]], Mapping[str, MentionLink]]) -> None:
        self._find = find
        self._known: dict[str, MentionLink | None] = {}

    def look_up(self, words: Iterable[str]) -> None:
        """Look up those that were not looked up before, all of them together."""
        fresh = set(words) - self._known.keys()
        fresh = set(islice(sorted(fresh), max(0, MOST_MENTIONS - len(self._known))))
        if fresh:
            self._known |= dict.fromkeys(fresh, None) | dict(self._find(fresh))

    def links(self, words: Iterable[str]) -> MentionLinks:
        """Those that lead somewhere, in a fixed order."""
        known = ((word, self._known.get(word)) for word in sorted(words))
        return tuple((word, link) for word, link in known if link)
