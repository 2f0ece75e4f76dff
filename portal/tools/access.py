"""Who may do what with tools."""

from __future__ import annotations

from collections.abc import Collection

from portal.core.errors import NotAllowed
from portal.core.i18n import lazy
from portal.core.permissions import Permission

STEWARD_TOOLS = Permission(
    "tools.steward",
    lazy("Mark any tool as looking for an owner, and confirm who its maintainers are."),
    is_power=True,
)


def refuse_speaking(person_id: int, maintainers: Collection[int], granted: Collection[str]) -> NotAllowed | None:
    """Why somebody may not say of a tool that it looks for an owner: they neither maintain it, nor are a steward.

    `maintainers` are the ids of those whose accounts are verified.
    """
    if person_id in maintainers or STEWARD_TOOLS.name in granted:
        return None
    sentence = lazy("Only a tool’s maintainers with a verified account, and portal stewards, can do that for a tool.")
    return NotAllowed(sentence, code="not_a_maintainer")


def refuse_withdrawal(offered_by: int, person_id: int) -> NotAllowed | None:
    """Why somebody may not take this offer back: they did not make it."""
    if offered_by == person_id:
        return None
    return NotAllowed(lazy("Only the person who made an offer can withdraw it."), code="not_your_offer")


def refuse_own_account(owner_id: int, steward_id: int) -> NotAllowed | None:
    """Why a steward may not confirm this account: it is their own."""
    if owner_id != steward_id:
        return None
    return NotAllowed(lazy("Another steward has to confirm an account of yours."), code="own_account")
