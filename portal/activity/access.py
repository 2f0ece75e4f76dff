"""Who may do what with notices."""

from __future__ import annotations

from portal.core.errors import NotFound
from portal.core.i18n import lazy


def refuse_reading(told_to: int, person_id: int) -> NotFound | None:
    """Why somebody may not read a notice: it was told to another, and they must not even know of it."""
    return None if told_to == person_id else no_such_notice()


def no_such_notice() -> NotFound:
    """What is said of a notice that is not there, or not for one's eyes: nobody can tell which."""
    return NotFound(lazy("You have no such notice."), code="no_such_notice")
