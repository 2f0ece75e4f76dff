"""Answers for machines: unchanged since the asker last looked is said in a word, by the ETag."""

from __future__ import annotations

from flask import Response, request, session

SHORT_WAIT = (429, 503)
"""Only these answers ask to come back later."""


def conditional_response(response: Response, *, version: str = "") -> Response:
    """The answer, or 304 when the asker has just this one.

    The ETag is made of the body; or of `version`, which must change whenever the body does, for one that is streamed.
    Who is signed in gets none: nothing they are sent may be kept (see headers.py), so there is nothing to compare.
    """
    if "_user_id" in session:
        return response
    if version:
        response.set_etag(version, weak=True)
    else:
        response.add_etag()
    # What is said depends on the language that is asked for.
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    return response


def tidy_retry_after(response: Response) -> Response:
    """Take Retry-After from answers that ask for no patience: the limiter writes it on every one."""
    if response.status_code not in SHORT_WAIT:
        response.headers.pop("Retry-After", None)
    return response
