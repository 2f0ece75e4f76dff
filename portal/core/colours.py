"""Colours of a site's own, and whether words in them can be read: contrast as WCAG 2.2 counts it."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Mapping

COLOUR = r"^$|^#[0-9a-fA-F]{6}$"
READABLE = 4.5
"""The least contrast of words with what lies behind them (WCAG 2.2, 1.4.3)."""
LIGHT = ("#f7f8fb", "#ffffff", "#eceff5")
DARK = ("#14171c", "#1c2027", "#252a33")
"""The grounds of pages in portal.css: --paper, --raised and --sunk."""
STEP = 0.01
STRONGER = 0.08
TINT: Mapping[tuple[str, ...], float] = {LIGHT: 0.08, DARK: 0.16}


def contrast(one: str, other: str) -> float:
    """How much two colours differ in light, from 1 (not at all) to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def worst_contrast(colour: str, grounds: Iterable[str]) -> float:
    """The least contrast of a colour with any of these grounds."""
    return min(contrast(colour, ground) for ground in grounds)


def readable(colour: str, grounds: tuple[str, ...]) -> str:
    """The nearest colour of the same hue that can be read on these grounds and on its own tint: darker, or lighter."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    end, step = (0, -STEP) if grounds == LIGHT else (1, STEP)
    while not is_readable(colour, grounds) and lightness != end:
        lightness = min(max(lightness + step, 0), 1)
        colour = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def is_readable(colour: str, grounds: tuple[str, ...]) -> bool:
    """Whether words in this colour can be read on these grounds and on its own tint."""
    return worst_contrast(colour, (*grounds, _tint(colour, grounds))) >= READABLE


def stylesheet(light: str, dark: str) -> str:
    """The rules that give a site its colours, in place of those of portal.css."""
    rules = _rules(light, LIGHT), _rules(dark, DARK)
    return ":root{{{}}}\n@media (prefers-color-scheme: dark){{:root{{{}}}}}\n".format(*rules)


def _rules(colour: str, grounds: tuple[str, ...]) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    stronger = min(max(lightness + (-STRONGER if grounds == LIGHT else STRONGER), 0), 1)
    tokens: Mapping[str, str] = {
        "accent": colour,
        "accent-strong": _hex(colorsys.hls_to_rgb(hue, stronger, saturation)),
        "accent-ink": max("#ffffff", "#14171c", key=lambda ink: contrast(ink, colour)),
        "accent-ground": _tint(colour, grounds),
    }
    return "".join(f"--{name}:{value};" for name, value in tokens.items())


def _tint(colour: str, grounds: tuple[str, ...]) -> str:
    share, ground = TINT[grounds], _rgb(grounds[1])
    return _hex(share * part + (1 - share) * below for part, below in zip(_rgb(colour), ground, strict=True))


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
