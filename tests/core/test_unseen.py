"""What nobody sees has no place in a name, and what the letters of a script need has."""

from __future__ import annotations

import sys
import unicodedata

import pytest
import regex

from portal.core.unseen import DEFAULT_IGNORABLE, has_unseen, stacks_too_high, without_emoji_variants


def test_the_table_is_that_of_unicode() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    ours = {code for first, last in DEFAULT_IGNORABLE for code in range(first, last + 1)}
    assert ours == {code for code in range(sys.maxunicode + 1) if ignorable.match(chr(code))}


@pytest.mark.parametrize(
    "unseen",
    [
        "\u3164", "\u115f", "\u1160", "\uffa0",  # fillers of Hangul, which are letters
        "\u17b4", "\u034f", "\ufe0f", "\U000e0100", "\u180b",  # marks
        "\u2065", "\ufff0", "\U000e0fff",  # not assigned, and ignored all the same
        "\u00ad", "\u2800", "\u2060", "\ufeff", "\U0001d173", "\U000e0041",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_found_wherever_it_stands(unseen: str) -> None:
    for name in (f"{unseen}Ana", f"A{unseen}na", f"Ana{unseen}", f"李{unseen}", unseen):
        assert has_unseen(name), ascii(name)


@pytest.mark.parametrize(
    "name",
    [
        "می\u200cخواهم",  # Persian: two letters that would join
        "نامه\u200cای",
        "क्\u200dष",  # Devanagari: the half form
        "শ্রী র\u200d্যাব",  # Bengali: ya-phalaa behind ra
        "ශ්\u200dරී ලංකා",  # Sinhala
        "ನಾನ್\u200cಸೆನ್ಸ್",  # Kannada: no ligature
        "അവന്\u200d",  # Malayalam: a letter without vowel at the end
        "ᠣᠳᠣ\u180bᠣ",  # Mongolian: a variant of a letter
        "ئۇيغۇر",
        "Zoë Nguyễn Văn Ánh",
    ],
)
def test_joiners_stand_where_letters_need_them(name: str) -> None:
    assert not has_unseen(name)


@pytest.mark.parametrize(
    "name",
    [
        "A\u200dna", "An\u200ca", "Ана\u200dЛ", "李\u200d白",  # these scripts need none
        "\u200cعلی", "علی\u200c", "ع\u200c\u200cی",  # nothing to keep apart
        "Ana्\u200d",  # the sign of another script
        "क\u200dष",  # no sign that takes the vowel
        "علی\u200cAna",
    ],
)  # fmt: skip
def test_joiners_elsewhere_are_not_seen(name: str) -> None:
    assert has_unseen(name)


@pytest.mark.parametrize("name", ["ế", "Phở", "བརྒྱུད་འཛིན", "မြွှေ့", "שִׂ֑מְחָה", "ก็น้ำ", "ক্ষ্ম", "Ǻ", "น้ำผึ้ง"])
def test_marks_that_scripts_stack_can_be_read(name: str) -> None:
    assert not stacks_too_high(name)


@pytest.mark.parametrize(
    "name",
    [
        "A" + "".join(map(chr, range(0x300, 0x305))),
        "Zalgo" + "\u0316\u0317\u0318\u0319\u031c",
        "ก็็็",
        "a\u0301\u0301",
        "Ж҉҉",
    ],
)
def test_marks_beyond_reading_are_found(name: str) -> None:
    assert stacks_too_high(name)
    assert stacks_too_high(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    ("typed", "kept"), [("Ana ❤\ufe0f", "Ana ❤"), ("☕\ufe0e Bo", "☕ Bo"), ("An\ufe0fa", "An\ufe0fa"), ("", "")]
)
def test_what_phones_write_behind_a_sign_is_left_out(typed: str, kept: str) -> None:
    assert without_emoji_variants(typed) == kept
