import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyreqwest.http import Url

from delivery.webpush.push_services import endpoint_allowed, extra_origins, origin_of

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/cNVGGLtZVo:APA91bFqfRXSHhqdz-_v6M",
        "https://fcm.googleapis.com/wp/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnpdbul-_==",
        "https://autopush.stage.push.services.mozilla.com/wpush/v1/x",
        "https://wns2-pn1p.notify.windows.com/w/?token=BQYAAACF%2bux1%3d%3d&x=1",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://api.push.apple.com/x",
        "https://fcm.googleapis.com:443/fcm/send/x",
        "https://fcm.googleapis.com/.../..x/x../x?/../",
        "HTTPS://FCM.GoogleApis.Com/fcm/send/x",
    ],
)
def test_the_browsers_own_services_are_allowed(endpoint: str) -> None:
    assert endpoint_allowed(endpoint, NONE)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",  # not encrypted
        "http://fcm.googleapis.com:443/x",
        "ftp://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "fcm.googleapis.com/x",
        "",
        "https://fcm.googleapis.com:80/x",  # another port
        "https://fcm.googleapis.com:4430/x",
        "https://fcm.googleapis.com:0443/x",
        "https://fcm.googleapis.com:99999/x",
        "https://fcm.googleapis.com:/x",
        "https://fcm.googleapis.com@127.0.0.1/x",  # userinfo
        "https://user:pass@fcm.googleapis.com/x",
        "https://127.0.0.1\\@fcm.googleapis.com/x",  # backslash
        "https://fcm.googleapis.com\\@127.0.0.1/x",
        "https://127.0.0.1\\.fcm.googleapis.com/x",
        "https:\\\\fcm.googleapis.com/x",
        "https://127.0.0.1#.notify.windows.com/x",  # fragment
        "https://127.0.0.1#@fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x#y",
        "https://127.0.0.1?.notify.windows.com/x",  # query
        "https://evil.example/fcm.googleapis.com",
        "https://169.254.169.254/x.push.apple.com/",  # a path that ends like a host
        "https://evil.example/a.notify.windows.com/",
        "https://evil.example/x?.push.apple.com",
        "https://evil.example;.push.apple.com/x",
        "https://fcm.googleapis.com.evil.example/x",  # suffix
        "https://evilfcm.googleapis.com/x",
        "https://x.fcm.googleapis.com/x",
        "https://storage.googleapis.com/x",
        "https://evilnotify.windows.com/x",
        "https://evilpush.services.mozilla.com/x",
        "https://evilpush.apple.com/x",
        "https://notify.windows.com/x",
        "https://.notify.windows.com/x",
        "https://a..notify.windows.com/x",
        "https://-a.notify.windows.com/x",
        "https://a_b.notify.windows.com/x",
        "https://push.apple.com.evil.example/x",
        "https://fcm.googleapis.com./x",  # trailing dot
        "https://fcm.googleapis.com../x",
        "https://xn--fcm-googleapis-com.example/x",  # punycode and lookalikes
        "https://fcm。googleapis。com/x",
        "https://\uff46cm.googleapis.com/x",
        "https://fcm.googleapi\u0455.com/x",
        "https://\u212a.notify.windows.com/x",  # the Kelvin sign, whose lower case is a k
        "https://127.0.0.1/x",  # addresses
        "https://2130706433/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1%25.notify.windows.com]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        " https://fcm.googleapis.com/x",  # blanks and controls
        "https://fcm.googleapis.com/x\n",
        "https://fcm.googleapis.com/x\r\nHost: evil.example",
        "https://fcm.goo\tgleapis.com/x",
        "https://fcm.googleapis.com\x00.evil.example/x",
        "https://%66cm.googleapis.com/x",  # escapes
        "https://evil.example%2f.notify.windows.com/x",
        "https://fcm.googleapis.com/x/../fcm/send/x",  # a path that who posts there spells otherwise
        "https://fcm.googleapis.com/./fcm/send/x",
        "https://fcm.googleapis.com/fcm/send/x/..",
        "https://fcm.googleapis.com/x/%2e%2E/fcm/send/x",
        "https://fcm.googleapis.com/x/.%2e?x",
        f"https://{'a' * 64}.notify.windows.com/x",  # too long for DNS
        f"https://{'a.' * 130}notify.windows.com/x",
    ],
)
def test_everything_else_is_not(endpoint: str) -> None:
    assert not endpoint_allowed(endpoint, NONE)


def test_an_operators_own_service_is_allowed_by_its_exact_origin() -> None:
    own = extra_origins(["http://push.lan:8090", "https://push.example/"])

    assert endpoint_allowed("http://push.lan:8090/push/1", own)
    assert endpoint_allowed("https://push.example:443/push/1", own)
    for other in (
        "https://push.lan:8090/",
        "http://push.lan/",
        "http://a.push.lan:8090/",
        "http://push.example/",
    ):
        assert not endpoint_allowed(other, own)


@pytest.mark.parametrize("text", ["push.lan", "http://push.lan/path", "http://u@push.lan", "http://push.lan:0", ""])
def test_an_own_service_that_is_no_origin_is_told_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        extra_origins([text])


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("HTTPS://FCM.googleapis.com:443/x", "https://fcm.googleapis.com"),
        ("http://127.0.0.1:8090/x", "http://127.0.0.1:8090"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_an_origin_is_written_as_the_vapid_audience(endpoint: str, origin: str) -> None:
    assert str(origin_of(endpoint)) == origin


VENDORS = re.compile(
    r"(fcm\.googleapis\.com|.+\.push\.services\.mozilla\.com|.+\.notify\.windows\.com|.+\.push\.apple\.com)"
)
VENDOR_ENDS = st.sampled_from(["fcm.googleapis.com", "a.notify.windows.com", "web.push.apple.com"])
PIECES = st.text(st.sampled_from("@\\#?/:.%a14-_\t[]。\uff45"), max_size=5)


@given(PIECES, VENDOR_ENDS, PIECES)
def test_the_library_that_connects_reads_an_allowed_endpoint_as_we_do(before: str, host: str, after: str) -> None:
    endpoint = f"https://{before}{host}{after}"

    if endpoint_allowed(endpoint, NONE):
        url = Url(endpoint)
        assert (url.scheme, url.port_or_known_default, url.username, url.password) == ("https", 443, "", None)
        assert VENDORS.fullmatch(url.host_str or "")
