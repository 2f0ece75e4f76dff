"""What a person may take along of their second factor, never what is secret; all of it goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.authenticators import queries
from portal.authenticators.models import CodeApp, Passkey, RecoveryCode
from portal.authenticators.passkeys.queries import passkeys_of
from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """Nothing is left of it once they have left."""
    session.execute(delete(CodeApp).where(CodeApp.person_id == person.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.execute(delete(Passkey).where(Passkey.person_id == person.id))


def export(session: Session, person: Person) -> dict[str, Any]:
    """Since when they have an app for codes, and how many recovery codes are left; their passkeys by name."""
    app = queries.app_of(session, person.id)
    return {
        "app": export_row(app, ("added_at", "last_used_at")) if app else None,
        "recovery_codes_left": queries.codes_left(session, person.id),
        "passkeys": [export_row(one, ("name", "added_at", "last_used_at")) for one in passkeys_of(session, person.id)],
    }
