"""Who may see how far somebody else is in a track."""

from __future__ import annotations

from collections.abc import Collection

from portal.core.errors import NotAllowed
from portal.core.i18n import _


def refuse_following(learner_id: int, accompanied: Collection[int]) -> NotAllowed | None:
    """Why somebody may not read how another goes through a track: they do not accompany them (any more)."""
    if learner_id in accompanied:
        return None
    return NotAllowed(_("Only a mentor sees how far somebody is, as long as the pairing lasts."), code="no_mentor")
