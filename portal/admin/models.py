"""What is stored of how the site runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base

LONGEST_FINDING = 500


class SiteCheck(Base):
    """What was last found of a server that this site depends on: `mend` is empty when all is well."""

    __tablename__ = "site_checks"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    ok: Mapped[bool]
    detail: Mapped[str] = mapped_column(String(LONGEST_FINDING))
    mend: Mapped[str] = mapped_column(String(LONGEST_FINDING))
    checked_at: Mapped[datetime]
