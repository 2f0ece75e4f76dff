"""What a form may be and bring: looked at before anything of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

from flask import Flask, Request, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from portal.core.web import View, is_api, is_reading

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
JSON = "application/json"
FORM_BYTES = 64 * 1024
"""The longest text of a form has 5,000 characters, each of at most nine bytes in the form that browsers give it."""
MOST_FIELDS = 500
"""The largest form has some sixty."""
MOST_GIVEN_BACK = 4_000_000
"""Bytes of a form that is too large to be taken, but is shown again."""


class MeasuredRequest(Request):
    """A request that closes the files it began to read, also those of a form that turned out to be too large."""

    _begun: list[IO[bytes]] | None = None

    def _get_file_stream(self, *told: Any, **more: Any) -> IO[bytes]:
        # Werkzeug's own hook for it.
        stream = super()._get_file_stream(*told, **more)
        self._begun = [*(self._begun or ()), stream]
        return stream

    def close(self) -> None:
        """End the request."""
        for stream in self._begun or ():
            stream.close()
        super().close()


def takes_files(size: int) -> Callable[[View], View]:
    """Let the forms of this view have so many bytes, for what they bring beside words. Put it above @guard."""

    def mark(view: View) -> View:
        view.__form_bytes__ = size  # type: ignore[attr-defined]  # read by measure_form
        return view

    return mark


def install(app: Flask) -> None:
    """Bound every form. A view that takes more says so by `takes_files`."""
    app.request_class = MeasuredRequest
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES, MAX_FORM_PARTS=MOST_FIELDS)


def refuse_other_content() -> None:
    """A page takes forms, the API takes JSON. Raises UnsupportedMediaType for what is sent in any other form.

    Nothing at all is taken by pages as an empty form. The API takes no form: any page elsewhere could send one.
    """
    if is_reading() or not request.endpoint:
        return
    has_body = bool(request.mimetype or request.content_length or "Transfer-Encoding" in request.headers)
    if request.mimetype != JSON if is_api() else has_body and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType


def measure_form() -> None:
    """Measure the form of this request. Raises RequestEntityTooLarge."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "__form_bytes__", FORM_BYTES)
    # Werkzeug counts a piece of 64 kB of a file, and what is left of the one before, as if it were words.
    request.max_form_memory_size = request.max_content_length + FORM_BYTES
    _count_fields()


def measure_again() -> None:
    """Let a form that is too large be read once more, to be shown again. Raises RequestEntityTooLarge for too much."""
    request.max_content_length = request.max_form_memory_size = MOST_GIVEN_BACK
    _count_fields()


def _count_fields() -> None:
    # Werkzeug bounds the parts of multipart forms alone. What was read stays for whoever parses it.
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
