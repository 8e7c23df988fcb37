"""What `data` may be: limits are kept exactly, and what others cannot read is refused."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from hub.api.free_form import BYTES, LEVELS, NAMES, STRING, json_object, json_value
from hub.api.problem import Problem


def deep(levels: int, opening: str, closing: str) -> str:
    """So many levels; the outermost is the object that `data` is."""
    return '{"a":' + opening * (levels - 1) + "0" + closing * (levels - 1) + "}"


def flat(names: int) -> str:
    return "{" + ",".join(f'"{number:x}":0' for number in range(names)) + "}"


def twice(hidden: str) -> str:
    """What a parser that keeps the last of two members does not see, and others do."""
    return '{"a":' + hidden + ',"a":0}'


def spread(names: int) -> str:
    """Over objects that have one each."""
    return '{"a":[' + ",".join(['{"b":"c:d"}'] * (names - 1)) + "]}"


LIMITS: dict[str, tuple[int, Callable[[int], str], str]] = {
    "levels of arrays": (LEVELS, lambda n: deep(n, "[", "]"), "32 levels"),
    "levels of objects": (LEVELS, lambda n: deep(n, '{"":', "}"), "32 levels"),
    "levels beside much else": (LEVELS, lambda n: '{"b":[' + "[]," * 40 + deep(n - 2, "[", "]") + "]}", "32 levels"),
    "names of an object": (NAMES, flat, "1,000 names"),
    "names of many objects": (NAMES, spread, "1,000 names"),
    "a string": (STRING, lambda n: '{"a":["' + "x" * n + '"]}', "16,384 characters"),
    "a string of long characters": (STRING, lambda n: '{"a":"' + "\u20ac" * n + '"}', "16,384 characters"),
    "a string of escapes": (STRING // 2, lambda n: '{"a":"' + "\\n\\n" * n + '"}', "16,384 characters"),
    "levels under a name that stands twice": (LEVELS, lambda n: twice(deep(n - 1, "[", "]")), "32 levels"),
    "names that are all the same": (NAMES, lambda n: "{" + ",".join(['"a":0'] * n) + "}", "1,000 names"),
    "a string under a name that stands twice": (STRING, lambda n: twice('"' + "x" * n + '"'), "16,384 characters"),
    "a number": (308, lambda n: '{"a":[1' + "0" * n + "]}", "numbers"),
    "a number below zero": (308, lambda n: '{"a":-1' + "0" * n + "}", "numbers"),
    "a name": (STRING, lambda n: '{"a":{"' + "x" * n + '":0}}', "16,384 characters"),
    "bytes": (BYTES - 2, lambda n: "{" + " " * n + "}", "65536 bytes"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_is_the_last_that_is_taken(limit: str) -> None:
    most, made, told = LIMITS[limit]
    within, beyond = made(most).encode(), made(most + 1).encode()

    assert json_object(msgspec.Raw(within), "$.data") == within
    with pytest.raises(Problem, match=told) as refused:
        json_object(msgspec.Raw(beyond), "$.data")
    assert refused.value.status == 422
    assert refused.value.faults[0].path == "$.data"


def test_brackets_colons_and_backslashes_in_strings_count_for_nothing() -> None:
    data = msgspec.json.encode(
        {"e": "9" * 500, "a": "[{" * 500 + ":" * 2_000, "b": "C:\\u0000", "c": [[]] * 40, "d": "\U0001f600"}
    )
    assert json_object(msgspec.Raw(data), "$.data") == data


@pytest.mark.parametrize("other", ["[]", "null", "0", '"x"', "true"])
def test_only_an_object_is_stored_and_anything_may_be_said_live(other: str) -> None:
    with pytest.raises(Problem, match="a JSON object"):
        json_object(msgspec.Raw(other.encode()), "$.data")
    assert json_value(msgspec.Raw(other.encode()), "$.data") == other.encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "UTF-8"),  # half a surrogate pair, in bytes
        (b'{"a":1e999}', "numbers"),
        (b'{"a":-1e400}', "numbers"),
        (b'{"a":' + b"9" * 309 + b"}", "numbers"),
        (b'{"a":' + b"9" * 5_000 + b"}", "numbers"),
        (b'{"a":"\\u0000"}', "u0000"),
        (b'{"a":"\\\\\\u0000"}', "u0000"),
        (b'{"a":{"\\u0000":0}}', "u0000"),
    ],
)
@pytest.mark.parametrize("read", [json_object, json_value])
def test_what_others_cannot_read_is_refused(read: Callable[[Any, str], bytes], data: bytes, told: str) -> None:
    with pytest.raises(Problem, match=told):
        read(msgspec.Raw(data), "$.data")
