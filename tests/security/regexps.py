"""Every regular expression that Hark has, found in its source, and texts made to have each go round in circles."""

import ast
import importlib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from re import _parser as parser
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PYTHON = ("hub", "delivery", "sessions", "jobs", "web_demo", "sdk/python/hark_sdk")
SCRIPTS = ("sdk/js", "web_demo/static", "delivery/simulator/static")
BUILT = {"hark.js"}  # from sdk/js/src

_OF_RE = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
_IN_SCRIPT = re.compile(
    r"(?:^|[=(,:!&|?{};\[]|=>|return|case)\s*/(?P<pattern>(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+)/(?P<flags>[a-z]*)"
    r"(?=\s*[.,;)\]}]|\s*$)",
    re.MULTILINE,
)
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_SAMPLES = [chr(code) for code in (*range(0x61, 0x7B), *range(0x20, 0x61), *range(0x7B, 0x100), 0x0A, 0x09, 0x20AC)]


class Regexp(NamedTuple):
    """`place` is its file and line; whole: it is only ever asked for all of a text, from its beginning."""

    place: str
    pattern: re.Pattern[Any]
    whole: bool

    def asks(self, text: str) -> object:
        given: Any = text.encode("latin-1", "replace") if isinstance(self.pattern.pattern, bytes) else text
        return self.pattern.fullmatch(given) if self.whole else self.pattern.search(given)


def of_python() -> Iterator[Regexp]:
    """In calls of `re`, and as `pattern=` of a field's `Meta`. NameError for one that is made of what only a function
    knows: make it a constant, so that it can be tried."""
    for folder in PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text()
            tree = ast.parse(source)
            names = _names(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (asked := _asked(node)) is not None:
                    module = _module(path)
                    made = re.compile(*(eval(compile(ast.Expression(one), "", "eval"), module) for one in asked))  # noqa: S307
                    line = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield Regexp(line, made, whole=_is_whole(node, names.get(id(node)), source))


def of_scripts() -> Iterator[Regexp]:
    """Literals in JavaScript; none of them says anything that Python's do not."""
    for folder in SCRIPTS:
        for path in sorted((ROOT / folder).rglob("*.js")):
            if path.name in BUILT or "node_modules" in path.parts:
                continue
            source = path.read_text()
            for found in _IN_SCRIPT.finditer(source):
                flags = sum(_FLAGS.get(flag, 0) for flag in found["flags"])
                line = source.count("\n", 0, found.start("pattern")) + 1
                yield Regexp(f"{path.relative_to(ROOT)}:{line}", re.compile(found["pattern"], flags), whole=False)


def _asked(call: ast.Call) -> list[ast.expr] | None:
    """The pattern of a call, and its flags; None for any other call."""
    match call.func:
        case ast.Attribute(ast.Name("re"), name) if name in _OF_RE:
            flags = [one.value for one in call.keywords if one.arg == "flags"]
            return [call.args[0], *(call.args[1:2] if name == "compile" else flags)]
    return next(([one.value] for one in call.keywords if one.arg == "pattern"), None)


def _names(tree: ast.Module) -> dict[int, str]:
    """Constants by the node that they are."""
    return {
        id(node.value): target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_whole(call: ast.Call, name: str | None, source: str) -> bool:
    if name is None:
        return isinstance(call.func, ast.Attribute) and call.func.attr in {"fullmatch", "match"}
    used = set(re.findall(rf"\b{name}\.(\w+)", source))
    return bool(used) and used <= {"fullmatch", "match", "pattern"}


def _module(path: Path) -> dict[str, Any]:
    name = str(path.relative_to(ROOT).with_suffix("")).removeprefix("sdk/python/").replace("/", ".")
    return vars(importlib.import_module(name.removesuffix(".__init__")))


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginnings, what is said again and again, and ends that do not fit: after each part of it that repeats, after
    nothing, and with each character that it knows, and two of them."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parsed = parser.parse(text, pattern.flags & ~re.UNICODE)
    known = sorted({one for one in _characters(parsed) if one})[:12]
    pumps = {*_repeats(parsed, ""), *(("", one) for one in known)}
    pumps |= {("", one + other) for one, other in pairwise(known)}
    for before, again in sorted(pumps):
        for end in ("", "\0", "\n!"):
            yield before, again, end


def _repeats(parsed: Any, before: str) -> Iterator[tuple[str, str]]:
    """Each repetition in it: a text that leads there, and one that it repeats."""
    for kind, value in parsed:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield before, _sample(value[2])
                yield from _repeats(value[2], before)
            case "SUBPATTERN":
                yield from _repeats(value[3], before)
            case "BRANCH":
                for one in value[1]:
                    yield from _repeats(one, before)
        before += _sample([(kind, value)])


def _characters(parsed: Any) -> Iterator[str]:
    """One of each of its classes, and its own."""
    for kind, value in parsed:
        match str(kind):
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY":
                yield _sample([(kind, value)])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield from _characters(value[2])
            case "SUBPATTERN":
                yield from _characters(value[3])
            case "BRANCH":
                for one in value[1]:
                    yield from _characters(one)


def _sample(parsed: Any) -> str:
    """A text that fits."""
    return "".join(_sampled(str(kind), value) for kind, value in parsed)


def _sampled(kind: str, value: Any) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL" | "IN" | "ANY":
            members = {"NOT_LITERAL": [("NEGATE", None), ("LITERAL", value)], "ANY": [("NEGATE", None)], "IN": value}
            return next((one for one in _SAMPLES if _is_in(one, members[kind])), "")
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _sample(value[2]) * max(1, int(value[0]))
        case "SUBPATTERN" | "BRANCH":
            return _sample(value[3] if kind == "SUBPATTERN" else value[1][0])
    return ""


def _is_in(character: str, members: Sequence[Any]) -> bool:
    found, negated = False, False
    for kind, value in members:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found |= ord(character) == value
            case "RANGE":
                found |= value[0] <= ord(character) <= value[1]
            case "CATEGORY":
                found |= _is_of(character, str(value))
    return found is not negated


def _is_of(character: str, category: str) -> bool:
    kinds = {
        "DIGIT": character.isdigit(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }
    *_, negated, kind = ("", *category.split("_"))
    return kinds[kind] is not (negated == "NOT")
