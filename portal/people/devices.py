"""What a browser says of itself, in two words that its owner knows it by. Pure."""

from __future__ import annotations

LONGEST = 400
"""Characters of what a browser says that are looked at."""
# The first that is found counts: most browsers name those that came before them, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Vivaldi/": "Vivaldi",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Chromium/": "Chromium",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "macOS",
    "Linux": "Linux",
    "BSD": "BSD",
}


def device_in_words(user_agent: str) -> str:
    """The browser and the system that a User-Agent header names, such as "Firefox · Windows"; empty for neither."""
    said = user_agent[:LONGEST]
    named = (next((word for mark, word in words.items() if mark in said), "") for words in (BROWSERS, SYSTEMS))
    return " · ".join(word for word in named if word)
