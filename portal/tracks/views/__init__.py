"""What the URLs under /tracks answer. Reading is free; what one did is kept for people who are signed in."""

from __future__ import annotations

from portal.tracks.views import ends, steps, taking
from portal.tracks.views.base import blueprint

__all__ = ["blueprint", "ends", "steps", "taking"]
