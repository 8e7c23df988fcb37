"""The package as it is published."""

import ast
import inspect
import re
import sys
import tomllib
from pathlib import Path

import hark_sdk
from hark_sdk import Hark

FOLDER = Path(hark_sdk.__file__).parent
README = (FOLDER.parent / "README.md").read_text()
PROJECT = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]


def test_it_needs_only_what_it_names() -> None:
    trees = [ast.parse(path.read_text()) for path in FOLDER.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    foreign = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"hark_sdk"}
    named = {re.split(r"[^\w-]", dependency)[0] for dependency in PROJECT["dependencies"]}
    assert foreign == named == {"httpx", "msgspec"}


def test_it_has_types() -> None:
    assert (FOLDER / "py.typed").is_file()


def test_its_page_names_every_method_and_every_error() -> None:
    methods = {name for name, _ in inspect.getmembers(Hark, inspect.isfunction) if name[0] != "_"} - {"close", "do"}
    errors = {name for name in hark_sdk.__all__ if issubclass(getattr(hark_sdk, name), Exception)}
    assert methods | errors <= set(re.findall(r"`(\w+)`", README))
