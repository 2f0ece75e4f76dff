"""What pages say of their lists."""

from __future__ import annotations

import html
import re
from typing import Any


def counted_on(page: Any) -> str | None:
    """What a page says of how many there are; None where it shows nothing."""
    said = re.search(r"<p data-counted>(.*?)</p>", page.text)
    return html.unescape(said[1]) if said else None


def following(page: Any) -> str:
    """The address of the next page; empty on the last one."""
    link = re.search(r'<a class="button" href="([^"]*)" rel="next">', page.text)
    return html.unescape(link[1]) if link else ""
