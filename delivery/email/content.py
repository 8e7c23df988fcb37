"""What a mail shows: title, message and link, as plain text and as HTML. Pure."""

import html
import re
import urllib.parse

import msgspec

from delivery.message import Message
from delivery.plain_text import cleaned, one_line

_SUBJECT_LENGTH = 200  # of a mail without a title; what mail programs show is shorter

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LINK = re.compile(rf"https://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::[0-9]{{1,5}})?(?:[/?#][!#-;=?-Z_a-z~]*)?")
_LINK_LENGTH = 2000

# Of one kind for a light and a dark screen. Whatever a mail program does not know, it leaves out.
_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px; background: #f4f4f5; color: #18181b; font: 16px/1.5 system-ui, sans-serif; }
main { display: block; max-width: 36em; margin: 0 auto; padding: 24px; border-radius: 8px; background: #ffffff; }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 1.3; }
p { margin: 0 0 16px; }
a { color: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  body { background: #18181b; color: #e4e4e7; }
  main { background: #27272a; }
  a { color: #93c5fd; }
}
"""


class _Data(msgspec.Struct, frozen=True):
    """What a mail uses of a message's data."""

    url: str = ""


class Content(msgspec.Struct, frozen=True):
    """One mail's, before it is encoded."""

    subject: str
    """One line; empty when there is nothing to show at all."""
    text: str
    html: str


def content(message: Message) -> Content:
    """The subject is the title, or else the beginning of the message; the link is `data.url`, when that is https."""
    title, body, link = one_line(message.title), cleaned(message.message).strip(), _link(message.data)
    subject = title or one_line(body)[:_SUBJECT_LENGTH]
    text = "\n\n".join(part for part in (title, body, link[0] if link else "") if part)
    return Content(subject, text, _html(subject, title, body, link))


def _link(data: msgspec.Raw) -> re.Match[str] | None:
    try:
        url = msgspec.json.decode(data, type=_Data).url
    except msgspec.DecodeError:
        return None
    escaped = urllib.parse.quote(url, safe=":/?#@!$&'()*+,;=%~")
    return _LINK.fullmatch(escaped) if len(escaped) <= _LINK_LENGTH else None


def _html(subject: str, title: str, body: str, link: re.Match[str] | None) -> str:
    parts = [
        f"<h1>{html.escape(title)}</h1>" if title else "",
        "<p>" + html.escape(body).replace("\n", "<br>\n") + "</p>" if body else "",
        # Named by its host: that says where it leads, in every language.
        f'<p><a href="{html.escape(link[0])}">{link["host"]}</a></p>' if link else "",
    ]
    shown = "\n".join(part for part in parts if part)
    return f"""\
<!doctype html>
<html dir="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{html.escape(subject)}</title>
<style>
{_STYLE}</style>
</head>
<body>
<main>
{shown}
</main>
</body>
</html>
"""
