"""What the URLs under /notices answer: what one was told, and which of it comes by mail."""

from portal.activity.views import letters, limits, notices, unread
from portal.activity.views.base import blueprint

__all__ = ["blueprint", "letters", "limits", "notices", "unread"]
