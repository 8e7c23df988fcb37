"""How URLs of strangers are read, and the many ways to say 127.0.0.1."""

import pytest

from delivery.outbound.url import LONGEST, Place, read


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://shop.example", ("https", "shop.example", 443, "/")),
        ("HTTPS://Shop.Example:8443/Hooks?a=b", ("https", "shop.example", 8443, "/Hooks?a=b")),
        ("https://shop.example?a=b/c", ("https", "shop.example", 443, "/?a=b/c")),
        ("http://192.0.2.7/x@y", ("http", "192.0.2.7", 80, "/x@y")),
        ("https://xn--bcher-kva.example/%2e%2e", ("https", "xn--bcher-kva.example", 443, "/%2e%2e")),
    ],
)
def test_a_url_is_a_place(url: str, place: tuple[str, str, int, str]) -> None:
    assert read(url) == Place(*place)


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.0x1"),
        *("127.0.0.01", "256.0.0.1", "1.2.3.4.5", "127.0.0.1.", "shop.example.", "shop..example", ".shop.example"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25eth0]", "::1", "shop.0x7f", "shop.127"),
        *("shop.example@127.0.0.1", "user:pass@shop.example", "@shop.example", "shop.example:@127.0.0.1"),
        *("shop.example\\@127.0.0.1", "shop.example\\", "shop.example#@127.0.0.1", "shop.example%00.evil.example"),
        *("127。0。0。1", "①②⑦.0.0.1", "bücher.example", "shop.example\t", "shop.example\n", " shop.example"),
        *("shop.example:0", "shop.example:65536", "shop.example:99999", "shop.example:", "shop.example:443:80"),
        *("-shop.example", "shop-.example", "sh_op.example", "a" * 64 + ".example", ".".join(["a" * 63] * 4), ""),
    ],
)
def test_what_two_libraries_might_read_differently_is_not_read(host: str) -> None:
    assert read(f"https://{host}") is None
    assert read(f"https://{host}/hooks") is None


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "//shop.example/", "shop.example", ""),
        *("https:shop.example", "https:/shop.example", "https:///shop.example", "https:\\\\shop.example"),
        *(
            "https://shop.example/#part",
            "https://shop.example/a b",
            "https://shop.example/\r\nHost: x",
            "\nhttps://a.b",
        ),
        *("https://shop.example/ü", "https://shop.example/\\", "https://shop.example/" + "a" * LONGEST),
    ],
)
def test_what_is_not_plainly_a_url_is_not_read(url: str) -> None:
    assert read(url) is None
