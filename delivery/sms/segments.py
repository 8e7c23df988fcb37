"""How a text is cut into segments of 140 bytes, each of which costs (3GPP TS 23.038, TS 23.040). Pure.

A text whose characters are all in the alphabet GSM-7 has 160 of them in one segment, or 153 in each of several; any
other is UTF-16, with 70 or 67. Some characters take two places, which are never in two segments.
"""

from bisect import bisect_right
from collections.abc import Callable

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_IN_TWO = frozenset("\f^{}\\[~]|€")
_GSM_PLACES = (160, 153)
_UTF16_PLACES = (70, 67)

# What word processors make of plain characters, by their plain ones: one of them alone would halve what fits.
_TYPED = {
    "'": "\u2018\u2019\u201a\u201b\u2032",
    '"': "\u201c\u201d\u201e\u201f\u2033",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    " ": "\t\u00a0\u2009\u202f",
    "...": "\u2026",
    "*": "\u2022",
}
_PLAIN = str.maketrans({character: typed for typed, characters in _TYPED.items() for character in characters})


def count(text: str) -> int:
    """Segments that the text takes; an empty one takes one."""
    if _is_gsm(text):
        return _segments(text, _GSM_PLACES, lambda character: 2 if character in _GSM_IN_TWO else 1)
    return _segments(text, _UTF16_PLACES, lambda character: 2 if character > "\uffff" else 1)


def plain(text: str) -> str:
    """The text in GSM-7, when nothing but typography keeps it from that."""
    typed = text.translate(_PLAIN)
    return typed if _is_gsm(typed) else text


def fitting(text: str, most: int) -> str:
    """The text, or as much of its beginning as `most` segments take."""
    text = text[: (most + 1) * _GSM_PLACES[0]]  # no more than that ever fits
    if count(text) <= most:
        return text
    kept = bisect_right(range(len(text)), most, key=lambda length: count(_beginning(text, length))) - 1
    return _beginning(text, kept)


def _beginning(text: str, length: int) -> str:
    kept = text[:length].rstrip()
    return kept + ("..." if _is_gsm(kept) else "…")


def _is_gsm(text: str) -> bool:
    return set(text) <= _GSM | _GSM_IN_TWO


def _segments(text: str, places: tuple[int, int], places_of: Callable[[str], int]) -> int:
    needed = [places_of(character) for character in text]
    alone, each = places
    if sum(needed) <= alone:
        return 1
    segments, used = 1, 0
    for place in needed:
        if used + place > each:
            segments, used = segments + 1, 0
        used += place
    return segments
