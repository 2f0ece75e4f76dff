"""What the URLs under /people/ answer: the door, one's own profile, what others see of it, and one's data."""

from portal.people.views import door, passwords, privacy, profile
from portal.people.views.base import blueprint

__all__ = ["blueprint", "door", "passwords", "privacy", "profile"]
