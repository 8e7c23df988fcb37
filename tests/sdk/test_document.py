"""docs/sdk.md against the sources: what client, bell and Web Push have is told there, and the other way round."""

import json
import re

import pytest

import sdk
from tests.sdk.test_bell_looks import PARTS, VARIABLES

DOCUMENT = (sdk.JS.parents[1] / "docs" / "sdk.md").read_text()
SOURCE = "\n".join(path.read_text() for path in sorted((sdk.JS / "src").iterdir()))
HARK = (sdk.JS / "src" / "hark.js").read_text()
BELL = (sdk.JS / "bell.js").read_text()
TYPES, BELL_TYPES = ((sdk.JS / name).read_text() for name in ("hark.d.ts", "bell.d.ts"))
INSIDE = {"begun"}  # an event of the client's own
OWN_CALLBACKS = {"connectedCallback", "disconnectedCallback"}  # by which a page's browser calls an element


def table(head: str) -> set[str]:
    """The names in the first column of the document's table with this head."""
    [rows] = re.findall(rf"^\| {head} \|.*\n\|[- |]+\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    cells = [row.split(" | ")[0] for row in rows.splitlines()]
    return {name for cell in cells for name in re.findall(r"`/?([\w./-]+)", cell)}


def block(text: str, head: str) -> str:
    """What stands in the braces behind this."""
    [found] = re.findall(rf"{re.escape(head)} \{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    return str(found)


def members(text: str, head: str) -> set[str]:
    """Of an interface or a declared class."""
    found = re.findall(r"^  (?:set |get |readonly )?(\w+)[?(:<]", block(text, head), re.MULTILINE)
    return set(found) - {"constructor"}


def public(text: str, head: str) -> set[str]:
    """What a class of ours lets others use."""
    found = re.findall(r"^  (?:async |get |set )?(\w+)\(", block(text, head), re.MULTILINE)
    return set(found) - {"constructor"} - OWN_CALLBACKS


def listed(after: str, before: str) -> set[str]:
    """The names between these words of the document."""
    return set(re.findall(r"`([\w-]+)`", DOCUMENT.partition(after)[2].partition(before)[0]))


def test_every_option_is_told() -> None:
    taken = set(re.findall(r"#given\.(\w+)", HARK))
    for names in re.findall(r"const \{ ([^}]+) \} = this\.#given;|constructor\(\{ ([^}]+?), \.\.\.given", HARK):
        taken |= set(re.findall(r"(\w+)(?: = [^,]+)?(?:,|$)", "".join(names)))
    assert table("option") == members(TYPES, "export interface HarkOptions") == taken


def test_everything_that_the_client_has_and_does_is_told() -> None:
    told = table("has") | table("does")
    assert told == members(TYPES, "export class Hark") == public(HARK, "export class Hark")
    fields = members(TYPES, "export interface Entry")
    assert set(re.findall(r"(\w+)\??[,}]", re.findall(r"`\{(seq, .*?\})`", DOCUMENT)[0])) == fields


def test_every_event_and_every_state_is_told() -> None:
    emitted = set(re.findall(r'#emit\("(\w+)"', HARK)) - INSIDE
    assert table("event") == members(TYPES, "export interface HarkEvents") == emitted
    [states] = re.findall(r"^\| `state` \| `\{name\}`: (.*) \|$", DOCUMENT, re.MULTILINE)
    there = set(re.findall(r'(?:onState\(|became\(|#state = )\{ name: "([\w ]+)"', SOURCE))
    typed = TYPES.partition("export type State")[2].partition("/** The answer")[0]
    assert set(re.findall(r"`([\w ]+)`", states)) == there | {"road", "until", "code", "reason"}
    assert set(re.findall(r'"([\w ]+)"', typed)) == there


def test_the_bell_is_told() -> None:
    attributes = set(re.findall(r'this\.getAttribute\("([\w-]+)"', BELL)) | {"theme"}  # which the style looks at
    assert table("attribute") == attributes
    texts = set(re.findall(r"^  (\w+):", block(BELL, "const TEXTS ="), re.MULTILINE))
    assert listed("replaces its words (", "); `open()`") == texts == members(BELL_TYPES, "export interface BellTexts")
    assert members(BELL_TYPES, "export class HarkBell extends HTMLElement") == public(
        BELL, "export class HarkBell extends Base"
    )
    for name in public(BELL, "export class HarkBell extends Base"):
        assert re.search(rf"`(?:bell\.)?{name}\b", DOCUMENT), name
    assert (
        set(re.findall(r'CustomEvent\("([\w-]+)"', BELL))
        == {"hark-choose"}
        == set(re.findall(r"`(hark-choose)`", DOCUMENT))
    )


def test_every_variable_and_every_part_is_told() -> None:
    assert set(re.findall(r"`(--hark-[a-z-]+)`", DOCUMENT)) == VARIABLES
    assert listed(" Parts: ", ".\n") == PARTS


@pytest.mark.parametrize(("script", "names"), [("hark", {"Hark", "memory"}), ("bell", {"HarkBell"}), ("push", None)])
def test_every_export_is_typed_and_told(script: str, names: set[str] | None) -> None:
    exported = "export (?:async )?(?:function|class|const) (\\w+)"
    source = HARK if script == "hark" else (sdk.JS / f"{script}.js").read_text()
    there = set(re.findall(exported, source))
    assert there == set(re.findall(exported, (sdk.JS / f"{script}.d.ts").read_text()))
    assert names is None or there == names
    assert all(re.search(rf"\b{name}\b", DOCUMENT) for name in there - {"HarkBell"})  # which a page writes <hark-bell>


def test_every_file_that_the_hub_serves_is_told() -> None:
    served = {f"sdk/{path.name}" for path in sdk.JS.glob("*.js")}
    parts = {f"sdk/{name}" for name in re.findall(r'from "\./(bell-\w+\.js)"', BELL)}  # which the bell loads itself
    assert table("file") == served - parts
    package = json.loads((sdk.JS / "package.json").read_text())
    names = {package["name"] + path.removeprefix(".") for path in package["exports"]}
    assert set(re.findall(r"`(hark-client[\w/.-]*)`", DOCUMENT)) == names
