"""What people read when signing in elsewhere came to nothing."""

from __future__ import annotations

from portal.core.i18n import _


def failure_in_words(reason: str, label: str) -> str:
    """Why it came to nothing, and what to do. `reason` is a word of `exchange.ExchangeFailed`."""
    if reason == "wrong_state":
        return _("This sign-in was not begun here, or it took too long. Begin again.")
    if reason == "denied":
        return _("%(label)s did not agree, or you said no there. Nothing has been done.", label=label)
    if reason == "wrong_code":
        return _("The answer of %(label)s was used before, or is too old. Begin again.", label=label)
    if reason == "wrong_client":
        return _("%(label)s does not accept this site. Tell whoever runs it here, or sign in another way.", label=label)
    if reason == "not_anew":
        return _(
            "%(label)s did not ask you anew who you are. Sign out there, then try again, or take another way.",
            label=label,
        )
    if reason == "no_answer":
        return _("%(label)s does not answer as it should. Try again in a while, or sign in another way.", label=label)
    return _(
        "What %(label)s said does not prove who you are, so nothing has been done. "
        "Begin again; if it goes on, tell whoever runs this site.",
        label=label,
    )
