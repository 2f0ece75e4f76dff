"""Initials are letters as the people who bear the name see them."""

from __future__ import annotations

import pytest

from portal.core.initials import initials


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Grace Brewster Murray Hopper", "GH"),
        ("Ángel Ōe", "ÁŌ"),
        ("A\u0301ngel", "Á"),
        ("“Bo” (Nils)", "BN"),
        ("محمد علي", "م"),
        ("ܝܘܚܢܢ ܒܪ", "ܝ"),
        ("山田 太郎", "山太"),
        ("김민수", "김"),
        ("किशोर कुमार", "किकु"),
        ("กิ่งแก้ว", "กิ่"),
        ("თამარ მეფე", "თმ"),
        ("Σοφία Νίκου", "ΣΝ"),
        ("ßeta", "ß"),
        ("𝒵 42", "𝒵4"),
        ("🙂", "?"),
        ("", "?"),
    ],
)
def test_the_first_letters_of_the_first_and_the_last_word(name: str, shown: str) -> None:
    assert initials(name) == shown
