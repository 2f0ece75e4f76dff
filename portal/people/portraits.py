"""A picture of one's own choice: read with care, made small, without anything that a camera wrote into it."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from portal.core.errors import Invalid
from portal.core.i18n import lazy

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FIELD = "picture"
KINDS = ("PNG", "JPEG", "WEBP")
"""What is read. Each other format would be one more reader that strangers could try."""
SIDE = 256
"""Pixels of the square that is kept: enough for the largest place, on a fine screen, too."""
MOST_PIXELS = 24_000_000
"""A small file can hold a picture that fills the memory: what is larger is not unpacked at all."""
MOST_BYTES = 900_000
KIND = "image/webp"
QUALITY = 82
ORIENTATION = 0x0112
"""The tag of EXIF that tells how the camera was held (TIFF 6.0, page 36)."""


def small_square(body: bytes) -> bytes:
    """The middle of this picture as a WebP of SIDE pixels: upright, and with nothing but its pixels.

    Raises Invalid, naming the field of the form, for what is no picture, or one that is too large.
    """
    from PIL import Image, ImageOps  # here, for it takes long to load and few requests need it

    if len(body) > MOST_BYTES:
        raise Invalid(lazy("The file is too large. Take one of at most 900 kB."), FIELD)
    try:
        with Image.open(io.BytesIO(body), formats=KINDS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(lazy("The picture has too many pixels. Take a smaller one."), FIELD)
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is unpacked no larger than it has to be
            square = ImageOps.fit(_upright(picture).convert("RGBA"), (SIDE, SIDE))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(lazy("This is no picture that can be read. Take a PNG, JPEG or WebP file."), FIELD) from error
    # A picture of its own takes over the pixels alone: no place, no camera, no owner, no colour profile.
    bare = Image.frombytes("RGBA", square.size, square.tobytes())
    made = io.BytesIO()
    bare.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def _upright(picture: Picture) -> Picture:
    """The picture as its camera was held. Pillow's own `exif_transpose` would write the rest of the EXIF anew as well,
    and fails where a camera wrote any of it badly.
    """
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(picture.getexif().get(ORIENTATION, 1))
    return picture if turn is None else picture.transpose(turn)


def mark_of(body: bytes) -> str:
    """What the address of a picture ends with: another one for another picture, and not to be guessed."""
    return hashlib.sha256(body).hexdigest()[:32]
