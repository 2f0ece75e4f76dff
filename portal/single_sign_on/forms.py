"""What people type who sign up with an account elsewhere."""

from __future__ import annotations

from portal.people.forms import SignUpForm


class NewcomerForm(SignUpForm):
    """A new account without a password: the account elsewhere signs in."""

    password = None  # type: ignore[assignment]  # takes the field away
