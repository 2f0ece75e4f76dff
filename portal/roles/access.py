"""Who may do what with roles."""

from __future__ import annotations

from collections.abc import Collection

from portal.core.errors import Invalid, NotAllowed
from portal.core.i18n import lazy
from portal.core.permissions import Permission

APPOINT = Permission("roles.appoint", lazy("Appoint people to every role, and end it."), is_power=True)


def refuse_appointing(appointed_by: str, held: Collection[str], granted: Collection[str]) -> NotAllowed | None:
    """Why somebody may not appoint people to a role, nor end it: they neither hold the role that appoints to it, nor
    one that may appoint to all.
    """
    if appointed_by in held or APPOINT.name in granted:
        return None
    sentence = lazy("You need another role for this. The page of this role says who appoints people to it.")
    return NotAllowed(sentence, code="not_an_appointer")


def refuse_own_case(person_id: int, by_id: int, appointers: Collection[int]) -> Invalid | None:
    """Why somebody may not appoint this person: nobody decides in their own case while somebody else could."""
    if person_id != by_id or not set(appointers) - {by_id}:
        return None
    sentence = lazy("This is you. Leave it to somebody else who appoints people to this role.")
    return Invalid(sentence, "person", code="own_case")


def refuse_stepping_down(holder_id: int, person_id: int) -> NotAllowed | None:
    """Why somebody may not give this role back: it is not theirs."""
    if holder_id == person_id:
        return None
    return NotAllowed(lazy("Only the holder of a role can step down from it."), code="not_the_holder")


def refuse_withdrawal(offered_by: int, person_id: int) -> NotAllowed | None:
    """Why somebody may not take this offer back: they did not make it."""
    if offered_by == person_id:
        return None
    return NotAllowed(lazy("Only the person who made an offer can withdraw it."), code="not_your_offer")
