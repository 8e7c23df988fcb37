import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.sms.segments import count, fitting, plain


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("é" * 160, 1),  # in the alphabet
        ("@£Δ\nÄ¿à" * 20, 1),
        ("€" * 80, 1),  # in two places each
        ("€" * 81, 2),
        ("x" + "€" * 152, 2),
        ("x" + "€" * 153, 3),  # 307 places, and the last of each segment stays empty
        ("ê" * 70, 1),  # not in the alphabet
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("x" * 69 + "ê", 1),
        ("x" * 70 + "ê", 2),
        ("👩" * 35, 1),
        ("👩" * 66, 2),  # 33 in each: half of one is nowhere
        ("👩" * 67, 3),
        ("`", 1),
    ],
)
def test_segments_are_counted_as_they_are_paid(text: str, segments: int) -> None:
    assert count(text) == segments


@pytest.mark.parametrize(
    ("text", "most", "found"),
    [
        ("x" * 160, 1, "x" * 160),
        ("x" * 161, 1, "x" * 157 + "..."),
        ("x" * 1000, 2, "x" * 303 + "..."),
        ("ê" * 71, 1, "ê" * 69 + "…"),
        ("x" * 100 + "ê", 1, "x" * 100 + "..."),  # without the last one it is in the alphabet
        ("on its way " * 20, 1, ("on its way " * 20)[:156] + "..."),
        ("x" * 150 + " " * 50 + "y", 1, "x" * 150 + "..."),
        ("👩" * 100, 1, "👩" * 34 + "…"),
    ],
)
def test_a_text_that_is_too_long_is_cut_and_shows_it(text: str, most: int, found: str) -> None:
    assert fitting(text, most) == found


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=1000), st.integers(1, 4))
def test_what_fits_is_a_beginning_in_no_more_segments(text: str, most: int) -> None:
    found = fitting(text, most)

    assert count(found) <= most
    assert found == text or text.startswith(found.removesuffix("...").removesuffix("…"))
    assert (found == text) == (count(text) <= most)


def test_typography_alone_does_not_halve_what_fits() -> None:
    assert plain("\u201cIt\u2019s on its way\u201d \u2013 soon…\u00a0•") == '"It\'s on its way" - soon... *'
    assert plain("\u201cBientôt\u201d…") == "\u201cBientôt\u201d…"  # ô is not in the alphabet anyway
