"""Answers for machines: unchanged since the asker last looked is said in a word, by the ETag."""

from __future__ import annotations

from flask import Response, request, session

SHORT_WAIT = (429, 503)
"""Only these answers ask to come back later."""


def unless_known(response: Response, *, version: str = "") -> Response:
    """The answer, or 304 when the asker has just this one.

    The ETag is made of the body; or of `version`, which must change whenever the body does, for one that is streamed.
    Nothing is compared where nothing may be kept, that is for who is signed in and was sent something private.
    """
    if response.cache_control.no_store:
        return response
    if version:
        response.set_etag(version, weak=True)
    else:
        response.add_etag()
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    return response


def keep_nothing(response: Response) -> Response:
    """Mark an answer as private: neither the browser nor anything on the way keeps it."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def is_private() -> bool:
    """Whether somebody is signed in, so that an answer may hold what others must not see."""
    return "_user_id" in session


def tidy_retry_after(response: Response) -> Response:
    """Take Retry-After from answers that ask for no patience: the limiter writes it on every one."""
    if response.status_code not in SHORT_WAIT:
        response.headers.pop("Retry-After", None)
    return response
