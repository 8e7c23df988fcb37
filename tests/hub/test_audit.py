"""The chain of the audit log: nothing of the past can be changed unseen."""

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from hub.audit import CLI, START, Chain, Deed, Head, NotedHead, Row, linked, parse_head, signed

ROWS = 40
MANIPULATIONS = 1000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

Manipulation: TypeAlias = Callable[[list[Row], random.Random], list[Row]]


def chain(count: int = ROWS) -> list[Row]:
    rows: list[Row] = []
    for number in range(count):
        deed = Deed(CLI, "key.revoked" if number % 3 else "key.created", {"key": f"{number:x}", "n": [str(number)]})
        rows.append(linked(rows[-1].head if rows else START, BEGAN + timedelta(microseconds=number), deed))
    return rows


def faults(rows: Sequence[Row], *heads: Head) -> list[str]:
    followed = Chain(heads)
    found = [fault for row in sorted(rows, key=lambda row: row.n) for fault in followed.look(row)]
    return [*found, *followed.end()]


def _edited(value: Any, dice: random.Random) -> Any:
    match value:
        case str():
            place = dice.randrange(len(value))
            return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
        case bytes():
            place = dice.randrange(len(value))
            return value[:place] + bytes([value[place] ^ 1 << dice.randrange(8)]) + value[place + 1 :]
        case datetime():
            return value + timedelta(microseconds=dice.choice([-1, 1, 1_000_000]))
    raise AssertionError(value)


def edit(rows: list[Row], dice: random.Random) -> list[Row]:
    place = dice.randrange(len(rows))
    name = dice.choice([field for field in Row._fields if field != "n"])
    rows[place] = rows[place]._replace(**{name: _edited(getattr(rows[place], name), dice)})
    return rows


def edit_and_hash_anew(rows: list[Row], dice: random.Random) -> list[Row]:
    place = dice.randrange(len(rows))
    anew = rows[:place]
    for row in rows[place:]:
        objects = {"key": "another"} if row.n == place + 1 else {"key": row.objects}
        anew.append(linked(anew[-1].head if anew else START, row.at, Deed(row.by, "key.created", objects)))
    return anew


def swap(rows: list[Row], dice: random.Random) -> list[Row]:
    one, other = dice.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other]._replace(n=rows[one].n), rows[one]._replace(n=rows[other].n)
    return rows


def delete(rows: list[Row], dice: random.Random) -> list[Row]:
    place = dice.randrange(len(rows))
    return rows[:place] + rows[place + dice.randrange(1, 5) :]


def delete_and_number_anew(rows: list[Row], dice: random.Random) -> list[Row]:
    del rows[dice.randrange(len(rows))]
    return [row._replace(n=number) for number, row in enumerate(rows, 1)]


def insert(rows: list[Row], dice: random.Random) -> list[Row]:
    place = dice.randrange(len(rows))
    new = linked(rows[place - 1].head if place else START, rows[place].at, Deed("mallory", "key.created", {}))
    return [row._replace(n=number) for number, row in enumerate([*rows[:place], new, *rows[place:]], 1)]


def say_twice(rows: list[Row], dice: random.Random) -> list[Row]:
    return [*rows, dice.choice(rows)]


def truncate(rows: list[Row], dice: random.Random) -> list[Row]:
    return rows[: dice.randrange(len(rows))]


MANIPULATIONS_OF = [
    edit,
    edit_and_hash_anew,
    swap,
    delete,
    delete_and_number_anew,
    insert,
    say_twice,
    truncate,
]


@pytest.mark.parametrize("manipulate", MANIPULATIONS_OF)
def test_every_manipulation_is_found_with_the_head(manipulate: Manipulation) -> None:
    head = chain()[-1].head
    for seed in range(MANIPULATIONS // len(MANIPULATIONS_OF)):
        manipulated = manipulate(chain(), random.Random(seed))
        assert manipulated != chain()
        assert faults(manipulated, head), (manipulate.__name__, seed)


@pytest.mark.parametrize("manipulate", [edit, swap, insert, say_twice])
def test_what_does_not_calculate_hashes_anew_is_found_without(manipulate: Manipulation) -> None:
    for seed in range(100):
        assert faults(manipulate(chain(), random.Random(seed)))
    assert faults(chain()[:-1]) == []  # what a head is for


def test_a_chain_that_nobody_touched_is_whole_at_each_of_its_heads() -> None:
    rows = chain()
    assert faults(rows, *(row.head for row in rows), START) == []
    assert faults([], START) == faults([]) == []


@pytest.mark.parametrize(
    ("rows", "heads", "told"),
    [
        (chain(5)[1:], [], ["rows are missing: 1 to 1"]),
        ([*chain(9)[:2], *chain(9)[5:]], [], ["rows are missing: 3 to 5"]),
        ([*chain(3), chain(3)[2]], [], ["row 3 is there more than once"]),
        (chain(3)[:2], [chain(3)[2].head], ["the rows behind 2 are missing: there were 3 when"]),
        (chain(3), [Head(2, bytes(32))], ["row 2 is another one than when"]),
        (chain(3), [Head(0, b"x" * 32)], ["no chain ever began with"]),
    ],
)
def test_a_fault_says_where_it_is(rows: list[Row], heads: list[Head], told: list[str]) -> None:
    found = faults(rows, *heads)
    assert len(found) == len(told)
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning)


def test_a_head_is_read_as_it_is_written() -> None:
    head = chain(3)[-1].head
    noted = signed(head, b"key")
    assert parse_head(str(head)) == NotedHead(head, None)
    assert parse_head(str(noted)) == noted
    for text in ("", "1", "1:", f"{head}0", f"-{head}", f"x{head}", f"{head}\n", f"{head}:", f"{noted}0", f"{noted}:"):
        with pytest.raises(ValueError, match="N:HASH"):
            parse_head(text)


def test_a_head_is_signed_by_who_has_the_key() -> None:
    older, head = [row.head for row in chain(3)[-2:]]
    noted = signed(head, b"key")
    assert noted.is_signed(b"key")
    assert not noted.is_signed(b"another")
    assert not NotedHead(older, noted.signature).is_signed(b"key")
    assert not NotedHead(head, None).is_signed(b"key")


def test_the_hash_is_as_documented() -> None:
    row = linked(START, BEGAN, Deed("3f9a0c51d2e7", "topic.deleted", {"topic": "news", "a": 1}))
    assert row.objects == '{"a":1,"topic":"news"}'
    content = b'[1,1767225600000000,"3f9a0c51d2e7","topic.deleted","{\\"a\\":1,\\"topic\\":\\"news\\"}","done"]'
    assert row.hash == hashlib.sha256(bytes(32) + content).digest()
