"""What is known of second factors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.authenticators.models import CodeApp, Passkey, RecoveryCode

_DEMAND = "second_factor_demand"


def app_of(session: Session, person_id: int) -> CodeApp | None:
    """The code app of this person, as it is now."""
    return session.get(CodeApp, person_id, populate_existing=True)


def has_app(session: Session, person_id: int) -> bool:
    """Whether this person shows a code besides the password."""
    return session.scalar(select(CodeApp.person_id).where(CodeApp.person_id == person_id)) is not None


def has_factor(session: Session, person_id: int) -> bool:
    """Whether this person has a second factor: an app for codes, or a passkey, which is two factors at once."""
    app = select(CodeApp.person_id).where(CodeApp.person_id == person_id)
    passkey = select(Passkey.person_id).where(Passkey.person_id == person_id)
    return session.execute(app.union_all(passkey).limit(1)).first() is not None


def demand_info(demand: str) -> dict[str, Any]:
    """What a site's sessions carry along, for `demand_of`: [sign_in_rules] second_factor."""
    return {_DEMAND: demand}


def demand_of(session: Session) -> str:
    """Whether those whose roles permit something show a second factor here: "off", "suggested" or "demanded"."""
    return str(session.info.get(_DEMAND, "off"))


def is_missing(session: Session, person_id: int) -> bool:
    """Whether this site demands a second factor of this person, whose roles permit something, and they have none."""
    return demand_of(session) == "demanded" and not has_factor(session, person_id)


def codes_left(session: Session, person_id: int) -> int:
    """How many recovery codes of this person are still good."""
    mine = (RecoveryCode.person_id == person_id) & RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(mine)) or 0


def has_codes(session: Session, person_id: int) -> bool:
    """Whether this person has had recovery codes made, used or not."""
    mine = select(RecoveryCode.id).where(RecoveryCode.person_id == person_id)
    return session.scalar(mine.limit(1)) is not None
