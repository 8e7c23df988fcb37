"""The page and its files, and what every answer says about them."""

import re

import httpx
import pytest

from web_demo.app import STATIC

FILES = sorted(path.name for path in STATIC.iterdir())
TYPES = {"css": "text/css", "html": "text/html", "js": "javascript", "svg": "image/svg+xml"}


async def test_the_page_is_html(lonely_page: httpx.AsyncClient) -> None:
    answer = await lonely_page.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Hark" in answer.text


@pytest.mark.parametrize("name", FILES)
async def test_a_file_has_the_type_a_browser_insists_on(lonely_page: httpx.AsyncClient, name: str) -> None:
    answer = await lonely_page.get(f"/static/{name}")

    assert answer.status_code == 200
    assert TYPES[name.rpartition(".")[2]] in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/screens", "/nowhere"])
async def test_every_answer_says_what_a_page_may_load(lonely_page: httpx.AsyncClient, path: str) -> None:
    answer = await lonely_page.get(path)

    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_the_api_says_is_not_kept(lonely_page: httpx.AsyncClient) -> None:
    assert (await lonely_page.post("/api/users/demo-ada/token")).headers["cache-control"] == "no-store"


def test_the_page_keeps_to_its_own_policy() -> None:
    html = (STATIC / "index.html").read_text()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", html)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".svg")])
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    assert not re.search(r"https?:|//[a-z]+\.", (STATIC / name).read_text())


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_text_is_only_ever_set_as_text(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", (STATIC / name).read_text())


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_what_is_imported_is_there(name: str) -> None:
    text = (STATIC / name).read_text()
    wanted = re.findall(r'from "\./([^"]+)"|"static/([^"]+)"', text)

    assert {one or other for one, other in wanted} <= set(FILES)
