"""What the URLs under /people/ answer: the sign_in, one's own profile, what others see of it, and one's data."""

from portal.people.views import passwords, picture, privacy, profile, sessions, sign_in, username
from portal.people.views.base import blueprint

__all__ = ["blueprint", "passwords", "picture", "privacy", "profile", "sessions", "sign_in", "username"]
