"""The client libraries; the hub serves those for pages from here."""

from pathlib import Path

JS = Path(__file__).with_name("js")
