"""What the URLs under /notices answer: what one was told, and which of it comes by mail."""

from portal.activity.views import letters, notices, unread
from portal.activity.views.base import blueprint

__all__ = ["blueprint", "letters", "notices", "unread"]
