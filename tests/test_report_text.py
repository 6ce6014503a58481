"""Text of unknown origin: nothing hidden, nothing lost, nothing that acts."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.report import text


@pytest.mark.parametrize(
    ("shown", "given_text"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("␛[2J", "\x1b[2J"),
        ("␀␍␡", "\0\r\x7f"),
        ("⟨U+009B⟩31m", "\x9b31m"),
        ("safe⟨U+202E⟩gpj.exe", "safe\u202egpj.exe"),
        ("a⟨U+2066⟩b⟨U+2069⟩", "a\u2066b\u2069"),
        ("zero⟨U+200B⟩width⟨U+FEFF⟩", "zero\u200bwidth\ufeff"),
        ("hidden⟨U+3164⟩filler", "hidden\u3164filler"),
        ("a⟨U+00A0⟩b", "a\u00a0b"),
        ("line⟨U+2028⟩line", "line\u2028line"),
        ("half⟨U+D800⟩", "half\ud800"),
        ("tag⟨U+E0041⟩", "tag\U000e0041"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a⟨U+FE0F⟩", "a\ufe0f"),
        ("Ünïcödé Ключ 鍵 مفتاح 👍", "Ünïcödé Ключ 鍵 مفتاح 👍"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_a_sign(shown: str, given_text: str) -> None:
    assert shown == text.visible(given_text)


def test_no_more_marks_are_stacked_on_a_letter_than_any_script_has() -> None:
    piled = "Z" + "\u0335" * 30
    assert text.MARKS_IN_A_ROW == sum(unicodedata.combining(char) > 0 for char in text.visible(piled))


@settings(deadline=None)
@given(st.text())
def test_visible_text_holds_nothing_that_is_not_drawn(given_text: str) -> None:
    left = {
        unicodedata.category(char) for char in text.visible(given_text).replace("\n", "").replace("\t", "")
    }
    assert set() == left & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@settings(deadline=None)
@given(st.text())
def test_what_is_visible_stays_as_it_is(given_text: str) -> None:
    once = text.visible(given_text)
    assert once == text.visible(once)


@settings(deadline=None)
@given(st.binary(max_size=600), st.integers(1, 100))
def test_a_trimmed_value_is_one_short_line_that_tells_its_size(data: bytes, length: int) -> None:
    shown = text.trimmed(data, length)
    assert "\n" not in shown
    assert len(shown) <= length + len("… (600 bytes)")
    assert (text.CUT in shown) or shown == text.one_line(text.decoded(data))


def test_a_long_value_says_how_many_bytes_it_has() -> None:
    assert "xxxx… (40,000 bytes)" == text.trimmed(b"x" * 40_000, 4)
    assert "Hello, Kafka!␊" == text.trimmed(b"Hello, Kafka!\n")
    assert "ключ" == text.trimmed("ключ".encode(), 4)


@pytest.mark.parametrize(
    ("shown", "given_text"), [("␠a b␠␠", " a b  "), ("␠␠", "  "), ("␉x␊", "\tx\n"), ("", ""), ("a", "a")]
)
def test_a_line_shows_its_outer_spaces_tabs_and_line_ends(shown: str, given_text: str) -> None:
    assert shown == text.one_line(given_text)


def test_bytes_that_are_no_utf_8_stand_as_numbers() -> None:
    assert r"\xff\xc3(" == text.decoded(b"\xff\xc3(")
    assert r"half \ud800" == text.sound("half \ud800")


def test_figures_are_written_as_people_write_them() -> None:
    assert ["1 byte", "2 bytes", "20,000 records"] == [
        text.count(1, "byte"),
        text.count(2, "byte"),
        text.count(20_000, "record"),
    ]
    assert ["0.42 s", "4.3 s", "30 s"] == [text.seconds(each) for each in (0.42, 4.3, 30.0)]
    assert ["", "0", "0 and 2", "0, 2 and 5"] == [
        text.listed(each) for each in ([], ["0"], ["0", "2"], ["0", "2", "5"])
    ]
    assert "two wo…" == text.shortened("two words", 7)


def test_an_excerpt_keeps_both_ends_and_says_what_lies_between() -> None:
    assert ("abc", 0, "") == text.excerpt(b"abc", 2, 1)
    assert ("ab", 3, "f") == text.excerpt(b"abcdef", 2, 1)
