"""Take the README's pictures anew, from a demo site of their own. Run it with `make pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.servers.chromium import running_chromium, sign_in
from tests.servers.portal import running_portal

FOLDER = Path(__file__).parent / "pictures"
MOST_BYTES = 150_000
# Name of the file: whose screen it is, and what is on it.
PICTURES = {
    "front": ("", "/"),
    "track": ("newcomer", "/tracks/first-change-on-gerrit"),
    "step": ("newcomer", "/tracks/first-change-on-gerrit/push-for-review"),
    "queue": ("", "/reviews"),
    "role": ("", "/roles/queue-owner"),
    "requests": ("mentor", "/mentoring/requests"),
    "dashboard": ("mentor", "/dashboard"),
}


def take(page: Page, site: str, name: str, username: str, path: str) -> None:
    """Write one picture. Raises ValueError when it is too heavy for a README."""
    if username:
        sign_in(page, site, username)
    page.goto(site + path)
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file} has {file.stat().st_size} bytes; at most {MOST_BYTES} are allowed")


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder)) as site, running_chromium() as browser:
        for name, (username, path) in PICTURES.items():
            context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
            take(context.new_page(), site, name, username, path)
            context.close()


if __name__ == "__main__":
    main()
