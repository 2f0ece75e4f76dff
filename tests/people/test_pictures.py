"""People choose a picture: it is made small, holds nothing but its pixels, and goes when they go."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from portal.core.errors import Invalid
from portal.people.models import Person, Portrait
from portal.people.passwords import hash_of
from portal.people.portraits import MOST_BYTES, SIDE, small_square
from tests import make

SECRET = b"51.4779 N 0.0015 W"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def drawn(kind: str = "PNG", size: tuple[int, int] = (400, 300), **options: Any) -> bytes:
    """A picture, red above and blue below."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (0, size[1] // 2, *size))
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def opened(body: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=False))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(400, 300), (3000, 200), (16, 900), (1, 1)])
def test_every_picture_becomes_a_small_square(kind: str, size: tuple[int, int]) -> None:
    small = small_square(drawn(kind, size))
    assert opened(small).size == (SIDE, SIDE)
    assert opened(small).format == "WEBP"
    assert len(small) < 40_000


def test_what_a_camera_wrote_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    exif[0x010E] = SECRET.decode()
    body = drawn("JPEG", exif=exif, comment=SECRET, icc_profile=b"x" * 200)
    assert SECRET in body
    small = small_square(body)
    assert SECRET not in small
    picture = opened(small)
    assert not picture.getexif() and "icc_profile" not in picture.info and "xmp" not in picture.info
    assert is_near(picture.getpixel((SIDE // 2, 20)), BLUE)
    assert is_near(picture.getpixel((SIDE // 2, SIDE - 20)), RED)


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [
        pytest.param(0x011A, 2, b"abc\0", id="letters for a resolution"),
        pytest.param(0x0100, 9, b"\xff\xff\xff\xff", id="a width below zero"),
        pytest.param(0x0100, 11, b"\0\0\xc0\x7f", id="a width that is no number"),
        pytest.param(0x0100, 7, b"\xff\xfe\xfd\xfc", id="a width of unknown kind"),
        pytest.param(0x8769, 4, b"\xff\xff\xff\xff", id="more of it beyond the end"),
    ],
)
def test_what_a_camera_wrote_badly_keeps_no_picture_away(tag: int, kind: int, value: bytes) -> None:
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, 3, 0)  # upside down
    odd = struct.pack("<HHI", tag, kind, 4 if kind in {2, 7} else 1) + value
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + turned + odd + bytes(4)
    picture = opened(small_square(drawn("JPEG", exif=exif)))
    assert is_near(picture.getpixel((SIDE // 2, 20)), BLUE)


def test_words_in_a_png_are_gone() -> None:
    words = PngInfo()
    words.add_text("Author", SECRET.decode())
    assert SECRET not in small_square(drawn("PNG", pnginfo=words))


def test_what_is_transparent_stays_so() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(made, "PNG")
    assert opened(small_square(made.getvalue())).convert("RGBA").getpixel((9, 9))[3] == 0  # type: ignore[index]


def bomb(width: int, height: int) -> bytes:
    """A PNG of some bytes that claims to have so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def gif() -> bytes:
    return drawn("GIF")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "This is no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "This is no picture"),
        (gif(), "This is no picture"),
        (drawn("TIFF"), "This is no picture"),
        (drawn()[:200], "This is no picture"),
        (drawn("JPEG")[:600], "This is no picture"),
        (bomb(6000, 6000), "too many pixels"),
        (bomb(12_000, 12_000), "This is no picture"),
        (bomb(60_000, 60_000), "This is no picture"),
        (b"\x89PNG" + b"x" * MOST_BYTES, "too large"),
    ],
)
def test_what_is_no_small_picture_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        small_square(body)
    assert sentence in str(refused.value.message)


@pytest.fixture
def ana(site: Any) -> Any:
    with site.unit_of_work() as session:
        return make.sign_in(site.client(), make.person(session, "ana", password_hash=hash_of(make.PASSWORD)))


def choose(browser: Any, body: bytes, name: str = "me.png") -> Any:
    return browser.post("/people/me/picture", data={"picture": (io.BytesIO(body), name)})


def address(page: str) -> str:
    return re.findall(r'<img class="disc[^"]*" src="([^"]+)" alt=""', page)[0]


def test_who_chose_a_picture_is_shown_with_it_and_others_with_their_initials(site: Any, ana: Any) -> None:
    assert "<img" not in site.client().get("/people/ana").text
    assert choose(ana, drawn()).headers["Location"].endswith("/people/me/picture")
    for page in (ana.get("/people/me").text, site.client().get("/people/ana").text):
        picture = site.client().get(address(page))
        assert (picture.status_code, picture.mimetype) == (200, "image/webp")
        assert picture.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
        assert opened(picture.data).size == (SIDE, SIDE)


def test_another_picture_has_another_address_and_the_old_one_is_gone(site: Any, ana: Any) -> None:
    choose(ana, drawn())
    first = address(ana.get("/people/me").text)
    choose(ana, drawn(size=(60, 90)))
    assert address(ana.get("/people/me").text) != first
    assert site.client().get(first).status_code == 404
    assert ana.post("/people/me/picture/remove").status_code == 303
    assert "<img" not in ana.get("/people/me").text
    assert "<img" not in ana.get("/people/me/picture").text


@pytest.mark.parametrize("body", [b"no picture", gif(), drawn()[:90]])
def test_a_refused_file_says_why_beside_its_field_and_changes_nothing(ana: Any, body: bytes) -> None:
    choose(ana, drawn())
    before = address(ana.get("/people/me").text)
    answer = choose(ana, body)
    assert answer.status_code == 422
    assert 'id="picture-error"' in answer.text
    assert address(ana.get("/people/me").text) == before


def test_a_form_without_a_file_asks_for_one(ana: Any) -> None:
    answer = ana.post("/people/me/picture", data={})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_the_picture_is_taken_along_and_goes_with_the_account(site: Any, ana: Any) -> None:
    choose(ana, drawn())
    held = ana.get("/people/me/export").json["picture"]
    assert held["kind"] == "image/webp"
    assert opened(base64.b64decode(held["base64"])).size == (SIDE, SIDE)
    picture = address(ana.get("/people/me").text)
    assert ana.post("/people/me/delete", data={"password": make.PASSWORD}).status_code == 303
    assert site.client().get(picture).status_code == 404
    with site.unit_of_work() as session:
        assert session.query(Portrait).count() == 0
        assert session.query(Person).one().picture == ""
