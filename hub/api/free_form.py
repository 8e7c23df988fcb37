"""`data`: JSON of a sender's own making, which Hark passes on byte for byte. Others have to read it: a database that
stores no NUL, browsers, phones, providers, and parsers that stop somewhere. What they would stumble over is refused.
"""

import json
import re
import sys
from itertools import chain
from typing import Any

import msgspec
from msgspec import Raw

from hub.api.problem import invalid

BYTES = 64 * 1024
LEVELS = 32  # of objects and arrays, one in another
NAMES = 1_000  # in all objects together
STRING = 16 * 1024  # characters

TOO_DEEP = f"at most {LEVELS} levels of objects and arrays"
_TOO_MANY = f"at most {NAMES:,} names in all objects together"
_TOO_LONG = f"strings of at most {STRING:,} characters"
_NO_NUMBERS = "numbers that others can read"  # not 1e999, nor hundreds of digits: who reads doubles reads infinity

_NAME_BYTES = len('"":0,')  # the least that a name takes
_DIGITS = sys.float_info.max_10_exp + 1  # of the largest double
_LONG = re.compile(rb"(?<![0-9])[0-9]{%d}" % _DIGITS)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_read = msgspec.json.Decoder().decode


def json_object(raw: Raw, path: str) -> bytes:
    """The bytes of a JSON object that is stored as it came. Raises Problem for anything else."""
    data = bytes(raw)
    if not isinstance(_checked(data, path), dict):
        raise invalid(path, "a JSON object")
    return data


def json_value(raw: Raw, path: str) -> bytes:
    """The bytes of any JSON value, to be passed on as they came. Raises Problem."""
    data = bytes(raw)
    _checked(data, path)
    return data


def _checked(data: bytes, path: str) -> object:
    """What it says. It is read as others will read it: whatever `msgspec` keeps raw it has only skimmed."""
    if len(data) > BYTES:
        raise invalid(path, f"at most {BYTES} bytes")
    try:
        found: object = _read(data)
    except UnicodeDecodeError:
        raise invalid(path, "UTF-8") from None
    except RecursionError:
        raise invalid(path, TOO_DEEP) from None
    except msgspec.DecodeError:
        raise invalid(path, _NO_NUMBERS) from None
    if b"u0000" in data and _NUL.search(data):
        raise invalid(path, r"no \u0000 in any string")
    if not _is_modest(data) and (expected := _expected(data)) is not None:
        raise invalid(path, expected)
    return found


def _is_modest(data: bytes) -> bool:
    """Whether its bytes alone tell that it is within all limits, as those of nearly all do: this is on every send."""
    size = len(data)
    return (
        (size <= 2 * LEVELS or data.count(b"{") + data.count(b"[") <= LEVELS)
        and (size <= NAMES * _NAME_BYTES or (size <= STRING and data.count(b":") <= NAMES))
        and (size <= _DIGITS or _LONG.search(data) is None)
    )


def _expected(data: bytes) -> str | None:
    """What it should be and is not. Level by level, and no further than to the first limit. Objects are pairs here: of
    what stands twice under one name the others read both."""
    try:
        found = json.loads(data.decode(), object_pairs_hook=tuple)
    except RecursionError:
        return TOO_DEEP
    names, depth = 0, 0
    level: list[Any] = [[found]]  # arrays and objects
    while level:
        if depth > LEVELS:
            return TOO_DEEP
        names += sum(len(one) for one in level if type(one) is tuple)
        if names > NAMES:
            return _TOO_MANY
        values = [value for one in level for value in (one if type(one) is list else chain.from_iterable(one))]
        if any(type(value) is str and len(value) > STRING for value in values):
            return _TOO_LONG
        if any(type(value) is int and abs(value) > sys.float_info.max for value in values):
            return _NO_NUMBERS
        level = [value for value in values if type(value) in {tuple, list}]
        depth += 1
    return None
