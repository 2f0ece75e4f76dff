"""The words for people of what the portal knows: whose turn, why, and what to do when a source gives no answer."""

from __future__ import annotations

from typing import Any

from portal.contributions.models import SyncOutcome
from portal.contributions.rules import Reason, WaitingOn
from portal.core.i18n import lazy

WAITING_ON: dict[str, Any] = {
    WaitingOn.REVIEWER.value: lazy("Waits for a reviewer"),
    WaitingOn.AUTHOR.value: lazy("Waits for its author"),
    WaitingOn.NOBODY.value: lazy("Waits for nobody"),
}

REASONS: dict[str, Any] = {
    Reason.NO_RESPONSE.value: lazy("No response yet"),
    Reason.NEW_PATCH_SET.value: lazy("New patch set"),
    Reason.AUTHOR_ANSWERED.value: lazy("Author answered"),
    Reason.POSITIVE_VOTE.value: lazy("Positive vote"),
    Reason.APPROVED.value: lazy("Approved"),
    Reason.COMMENT.value: lazy("Comment"),
    Reason.CHANGES_REQUESTED.value: lazy("Changes requested"),
    Reason.CHECKS_FAILED.value: lazy("Checks failed"),
    Reason.WORK_IN_PROGRESS.value: lazy("Work in progress"),
}
"""Short, for they stand in a column; the help page explains each."""

OUTCOMES: dict[str, Any] = {
    SyncOutcome.RUNNING.value: lazy("Under way"),
    SyncOutcome.DONE.value: lazy("Done"),
    SyncOutcome.FAILED.value: lazy("Failed"),
    SyncOutcome.LOST.value: lazy("Interrupted"),
}

INTERNAL = "internal"
FAILURES: dict[str, Any] = {
    "unauthorised": lazy(
        "The server did not accept our password or token. It may have expired: an admin has to renew it."
    ),
    "forbidden": lazy(
        "The server knows us but does not let us see these changes. An admin has to ask for access there."
    ),
    "not_found": lazy("There is nothing at this address on the server. An admin has to check the source’s settings."),
    "rate_limited": lazy("We asked too often and the server wants a pause. We will ask again after that."),
    "server_error": lazy("The server itself failed. We keep trying; nothing has to be done here."),
    "not_json": lazy(
        "A web page came instead of data, as from a sign-in page. An admin has to check address and access."
    ),
    "cut_short": lazy("The answer was cut off. We keep trying; nothing has to be done here."),
    "too_large": lazy("The answer was larger than we can hold. An admin can set a smaller page_size for the source."),
    "timeout": lazy("The server did not answer in time. We keep trying; nothing has to be done here."),
    "unreachable": lazy(
        "The server could not be reached. We keep trying; if this goes on, an admin should look at it."
    ),
    "redirected": lazy("The server sends us to another address. An admin has to check the source’s url."),
    "bad_answer": lazy("We could not understand the server’s answer. An admin has to check the source’s settings."),
    INTERNAL: lazy("Something went wrong on our side while we read the answer. The log tells an admin what."),
}


def failure(code: str | None) -> str:
    """What happened and what to do, for the code of a failure."""
    return str(FAILURES.get(code or "", FAILURES["bad_answer"]))
