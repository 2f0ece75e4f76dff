"""[look] of the settings: a site's own sentence, logo, colours and links, checked before the site starts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from portal.core import colours

LINK = r"^(https?://|mailto:)[^\s]+$"
LOGO_KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
LOGO_BYTES = 100_000
"""What a logo may weigh: it comes with the first page that somebody opens."""
Words = Annotated[str, Field(min_length=1, max_length=60)]


class LookLink(BaseModel):
    """A link at the foot of every page. `names` are what it is called in other languages, by their codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words
    url: str = Field(pattern=LINK, max_length=300)
    names: dict[str, Words] = {}

    def name_in(self, language: str) -> str:
        """What it is called in this language, else its name."""
        return self.names.get(language, self.name)


class LookConfig(BaseModel):
    """[look]: what makes a site look like its community."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str = Field("", max_length=200)
    sentences: dict[str, Annotated[str, Field(min_length=1, max_length=200)]] = {}
    logo: Path | None = None
    colour: str = Field("", pattern=colours.COLOUR)
    dark_colour: str = Field("", pattern=colours.COLOUR)
    links: tuple[LookLink, ...] = Field((), max_length=8)

    @field_validator("logo", mode="before")
    @classmethod
    def _no_file_is_none(cls, file: object) -> object:
        return None if file == "" else file

    @field_validator("logo")
    @classmethod
    def _is_a_picture(cls, file: Path | None) -> Path | None:
        if file and file.suffix.lower() not in LOGO_KINDS:
            raise ValueError(f"{file} is no picture for a logo; take one that ends in {', '.join(LOGO_KINDS)}")
        if file and not file.is_file():
            raise ValueError(
                f"there is no file {file.absolute()}; put the logo there, readable for the portal's account"
            )
        if file and file.stat().st_size > LOGO_BYTES:
            raise ValueError(f"{file} has more than {LOGO_BYTES:,} bytes; make it smaller, or take an SVG")
        return file

    @field_validator("colour", "dark_colour")
    @classmethod
    def _can_be_read(cls, colour: str, info: object) -> str:
        name = getattr(info, "field_name", "colour")
        grounds, kind, way = (
            (colours.DARK, "dark", "lighter") if name == "dark_colour" else (colours.LIGHT, "light", "darker")
        )
        if colour and not colours.is_readable(colour, grounds):
            worst = colours.worst_contrast(colour, grounds)
            raise ValueError(
                f"words in {colour} cannot be read on the {kind} pages: their contrast is {worst:.1f} to 1, and 4.5 is "
                f"needed; {colours.readable(colour, grounds)} is the same, {way}, and can be read"
            )
        return colour

    @model_validator(mode="after")
    def _dark_goes_with_light(self) -> LookConfig:
        if self.dark_colour and not self.colour:
            raise ValueError("dark_colour goes with colour; set that first, the dark one is made from it")
        return self

    def sentence_in(self, language: str) -> str:
        """The sentence of the site in this language, else in its own."""
        return self.sentences.get(language, self.sentence)


@dataclass(frozen=True)
class SiteLook:
    """What is served of it. `version` changes with the logo and the colours, so that browsers may keep both."""

    stylesheet: str
    logo: bytes
    logo_kind: str
    version: str


def site_look(config: LookConfig) -> SiteLook:
    """The stylesheet and the logo of a site; empty ones where it keeps to what is shipped."""
    dark = config.dark_colour or (colours.readable(config.colour, colours.DARK) if config.colour else "")
    sheet = colours.stylesheet(config.colour, dark) if config.colour else ""
    logo = config.logo.read_bytes() if config.logo else b""
    kind = LOGO_KINDS[config.logo.suffix.lower()] if config.logo else ""
    return SiteLook(sheet, logo, kind, hashlib.sha256(sheet.encode() + logo).hexdigest()[:12])
