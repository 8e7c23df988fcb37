"""The document of the REST API as a client reads it, and whether an answer is one that it tells of."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

COPY = Path(__file__).parents[1] / "docs" / "openapi.json"
EVERYWHERE = {404, 405, 500}  # what the document says of all paths, also of those that it does not know
METHODS = {"get", "put", "post", "patch", "delete"}


class Call(NamedTuple):
    """One operation and where it stands."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def takes_a_body(self) -> bool:
        return "requestBody" in self.told

    @property
    def example(self) -> Any:
        return self.told["requestBody"]["content"]["application/json"]["example"]

    @property
    def refusals(self) -> set[int]:
        return {int(status) for status in self.told["responses"] if int(status) >= 400}

    def parameters(self, place: str) -> dict[str, dict[str, Any]]:
        """Their schemas."""
        return {one["name"]: one["schema"] for one in self.told.get("parameters", ()) if one["in"] == place}


class Document:
    """An OpenAPI document."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._registry: Registry[Any] = Registry().with_resource(
            "api", Resource.from_contents(content, default_specification=DRAFT202012)
        )

    def calls(self) -> Iterator[Call]:
        for path, methods in self.content["paths"].items():
            for method, told in methods.items():
                yield Call(method, path, told)

    def path_of(self, path: str) -> str | None:
        """The path of the document that a URL's path is one of; one without parameters goes before."""
        fitting = [told for told in self.content["paths"] if _pattern(told).fullmatch(path)]
        return min(fitting, key=lambda told: told.count("{"), default=None)

    def foresees(self, answer: httpx.Response) -> bool:
        """Whether this status of this call is told of."""
        path, method = self.path_of(_sent(answer)), answer.request.method.lower()
        if path is None or method not in self.content["paths"][path]:
            return answer.status_code in EVERYWHERE or method not in METHODS
        return str(answer.status_code) in self.content["paths"][path][method]["responses"] or answer.status_code == 500

    def fits(self, answer: httpx.Response) -> None:
        """Raises for an answer that is not as it is told."""
        assert self.foresees(answer), (answer.request.method, answer.url.path, answer.status_code, answer.text)
        path = self.path_of(_sent(answer))
        assert path is not None
        steps = ["paths", path, answer.request.method.lower(), "responses", str(answer.status_code)]
        told = self.content["paths"][path][steps[2]]["responses"][steps[4]]
        if "$ref" in told:
            steps = told["$ref"].removeprefix("#/").split("/")
            told = self.content["components"]["responses"][steps[-1]]
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        assert media_type in told.get("content", {"": None}), (answer.url.path, media_type)
        if media_type.endswith("json"):
            self.validate(msgspec.json.decode(answer.content), *steps, "content", media_type, "schema")

    def validate(self, value: object, *steps: str) -> None:
        """Raises for a value that does not fit the schema at this place of the document."""
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        schema = {"$ref": f"api#/{pointer}"}
        Draft202012Validator(
            schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        ).validate(value)


def _sent(answer: httpx.Response) -> str:
    """The path of its request, before anything in it is decoded."""
    return answer.url.raw_path.partition(b"?")[0].decode()


@cache
def committed() -> Document:
    """The copy in docs/."""
    return Document(msgspec.json.decode(COPY.read_bytes()))


async def is_documented(answer: httpx.Response) -> None:
    """For a client of the hub: fails the test that gets an answer which the document does not foresee."""
    assert committed().foresees(answer), (
        f"not in docs/openapi.json: {answer.request.method} {answer.url.path}: {answer}"
    )


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
