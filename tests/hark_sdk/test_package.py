"""The package as it is published."""

import ast
import inspect
import re
import sys
import tomllib
from pathlib import Path

import hark_sdk
from hark_sdk import Chat, Dedupe, Hark, Notification, Retries, Step, sends, webhooks
from hark_sdk.notification import Options

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


def cells(head: str) -> set[str]:
    """The names in the rows of the page's table with this head; of methods' rows, those on the right."""
    [rows] = re.findall(rf"^\| {head} \|.*\n\|[- |]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    columns = [row.strip("|").split(" | ")[head == "calls"] for row in rows.splitlines()]
    return {name for column in columns for name in re.findall(r"`(\w+)", column)}


def test_its_page_names_every_method_and_nothing_else() -> None:
    methods = {name for name, _ in inspect.getmembers(Hark, inspect.isfunction) if name[0] != "_"}
    assert cells("calls") == methods | {"aclose", "with", "async", "hark_sdk"}


def test_its_page_names_every_error_and_nothing_else() -> None:
    errors = {name for name in hark_sdk.__all__ if issubclass(getattr(hark_sdk, name), Exception)}
    [told] = re.findall(r"^## Errors\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`([A-Z]\w+)`", told)) == errors
    of_webhooks = {
        name
        for name, one in inspect.getmembers(webhooks, inspect.isclass)
        if issubclass(one, webhooks.WebhookError) and one is not webhooks.WebhookError
    }
    [told] = re.findall(r"^By the rules of (.*)", README, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`([A-Z]\w+)`", told)) - {"Webhook"} == of_webhooks


def test_its_page_names_every_option() -> None:
    ways = (sends.send, sends.send_to_users, sends.send_to_topic, sends.send_batch)
    taken = {
        name for way in ways for name, one in inspect.signature(way).parameters.items() if one.kind is one.KEYWORD_ONLY
    }
    assert cells("option") >= set(Options.__annotations__) | taken
    assert cells("option") <= set(Options.__annotations__) | taken | {
        "Dedupe",
        "Step",
        "low",
        "normal",
        "high",
        "critical",
    }
    assert set(Notification.__struct_fields__) >= set(Options.__annotations__)
    words = set(re.findall(r"\w+", README))
    client = set(inspect.signature(Hark).parameters) - {"url", "api_key"}
    values = (Chat, Dedupe, Notification, Retries, Step, webhooks.Webhook)
    for names in (client, *(value.__struct_fields__ for value in values), hark_sdk.__all__):
        assert set(names) - {"service", "target"} <= words  # of a Chat, which are given in their order
