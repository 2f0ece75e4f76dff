"""The colours of code can be read on the ground of code, in light and in dark."""

from __future__ import annotations

import re

import pytest

from portal.core.code_colours import CODE_CLASSES
from portal.core.template_context import STATIC

CSS = (STATIC / "portal.css").read_text()
PALETTES = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", root)) for root in re.findall(r":root \{([^}]*)\}", CSS)[:2]]
LEAST = 4.5


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES, ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted(CODE_CLASSES))
def test_every_colour_of_code_can_be_read(name: str, palette: dict[str, str]) -> None:
    rule = re.search(rf"\.{name}\b[^{{]*\{{ color: var\(--([\w-]+)\)", CSS)
    assert rule, f"portal.css gives {name} no colour"
    assert contrast(palette[rule[1]], palette["sunk"]) >= LEAST
