"""A site's own colours can be read, on light pages and on dark ones; else it is said which one could."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core import colours, template_context
from portal.core.config import ConfigError
from tests.settings import parse_config

anything = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#c0ffee", "#c0ffee", 1),
    ],
)
def test_contrast_is_counted_as_wcag_does(one: str, other: str, ratio: float) -> None:
    assert round(colours.contrast(one, other), 2) == ratio
    assert colours.contrast(one, other) == colours.contrast(other, one)


def test_the_grounds_are_those_of_the_stylesheet() -> None:
    sheet = (template_context.STATIC / "portal.css").read_text()
    for grounds, palette in zip(
        (colours.LIGHT, colours.DARK), sheet.split("prefers-color-scheme: dark")[:2], strict=True
    ):
        said = [re.search(rf"--{name}: (#\w+);", palette)[1] for name in ("paper", "raised", "sunk")]  # type: ignore[index]
        assert [one if len(one) == 7 else one + one[1:] for one in said] == list(grounds)


@settings(deadline=None)
@given(anything)
def test_every_colour_has_a_near_one_that_can_be_read(colour: str) -> None:
    for grounds in (colours.LIGHT, colours.DARK):
        assert colours.is_readable(colours.readable(colour, grounds), grounds)


@settings(deadline=None)
@given(anything, anything)
def test_words_on_buttons_can_be_read_too(light: str, dark: str) -> None:
    sheet = colours.stylesheet(colours.readable(light, colours.LIGHT), colours.readable(dark, colours.DARK))
    for rules in sheet.splitlines():
        tokens = dict(re.findall(r"--([\w-]+):(#\w{6})", rules))
        assert colours.contrast(tokens["accent"], tokens["accent-ink"]) >= colours.READABLE
        assert colours.contrast(tokens["accent"], tokens["accent-ground"]) >= colours.READABLE


@pytest.mark.parametrize("colour", ["#ffcc00", "#8fd3ff", "#ff5a5f", "#ffffff"])
def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(colour: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(f'[look]\ncolour = "{colour}"\n')
    (told,) = refused.value.problems
    assert told.startswith(f"config.toml: look.colour: words in {colour} cannot be read on the light pages")
    better = re.findall(r"#[0-9a-f]{6}", told)[1]
    assert parse_config(f'[look]\ncolour = "{better}"\n').look.colour == better


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('colour = "green"', "write a colour such as #463aa8"),
        ('colour = "#0b6e4f"\ndark_colour = "#0b6e4f"', "cannot be read on the dark pages"),
        ('dark_colour = "#b3abff"', "dark_colour goes with colour"),
        ('logo = "nowhere.svg"', "/nowhere.svg; put the logo there"),
        ('logo = "config.gif"', "is no picture for a logo"),
        ('links = [{ name = "Chat", url = "javascript:alert(1)" }]', "write an address that begins with https://"),
        ('links = [{ name = "", url = "https://chat.example.org" }]', "look.links"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_to_write(setting: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(f"[look]\n{setting}\n")
    assert told in "\n".join(refused.value.problems)


def test_a_logo_that_is_too_heavy_is_refused(tmp_path: Path) -> None:
    heavy = tmp_path / "logo.png"
    heavy.write_bytes(b"x" * 100_001)
    with pytest.raises(ConfigError, match="more than 100,000 bytes"):
        parse_config(f'[look]\nlogo = "{heavy}"\n')
