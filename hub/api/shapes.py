"""JSON Schemas of the types that msgspec reads and writes, for the documents."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]
Shape: TypeAlias = Any  # a type; a tuple of types: one of them; a str: not JSON but this media type; None: empty

REF = "#/components/schemas/{name}"


class Shapes:
    """JSON Schemas of types, in one pass: so that each struct is one component."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        types = list(dict.fromkeys(shapes))
        made, components = msgspec.json.schema_components(types, ref_template=REF)
        self._made: dict[Shape, Json] = dict(zip(types, map(_portable, made), strict=True))
        self.components = {name: _portable(components[name]) for name in sorted(components)}

    def of(self, shape: Shape) -> Json:
        """The schema of one of them, or of any one of a tuple of them."""
        if isinstance(shape, tuple):
            return {"anyOf": [self._made[one] for one in shape]}
        return self._made[shape]


def _portable(schema: Any) -> Any:
    """Python's end of a text as that of ECMA 262, which JSON Schema's patterns are in."""
    match schema:
        case dict():
            return {
                name: value.replace(r"\Z", "$") if name == "pattern" and isinstance(value, str) else _portable(value)
                for name, value in schema.items()
            }
        case list() | tuple():
            return [_portable(value) for value in schema]
        case _:
            return schema
