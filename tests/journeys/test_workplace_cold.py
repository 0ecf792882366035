"""How long until the first picture of the full viewer, with nothing in the browser's store?

Beside it stands what a plain server takes that has the same answers ready in memory: the
browser's own work is in both, so what is left is ours. By turns, on the same machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from figures import figure
from journeys import plain_files
from journeys.plain_files import Asked, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Request, StorageState

    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.long]

_ROUNDS = 7
_AT_MOST = 1.3  # of what the plain server takes
# In every frame, before its own scripts: when is a canvas of pictures no longer black?
_WATCH = """(() => {
  const probe = new OffscreenCanvas(32, 32).getContext('2d', { willReadFrequently: true });
  const look = () => {
    const canvas = document.querySelector('canvas.cornerstone-canvas');
    if (canvas && canvas.width > 1) {
      probe.drawImage(canvas, 0, 0, 32, 32);
      const seen = probe.getImageData(0, 0, 32, 32).data;
      for (let at = 0; at < seen.length; at += 4)
        if (seen[at] > 60 && seen[at + 3] > 0) {
          top.firstPicture = Date.now();
          return;
        }
    }
    setTimeout(look, 15);
  };
  look();
})();"""


@contextmanager
def _plain(file: Path) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, plain_files.__file__, str(file)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield f"http://localhost:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def _first_picture(browser: Browser, url: str, state: StorageState) -> tuple[float, list[Asked]]:
    """Open the page in a profile of its own; return the seconds it took, and what it asked for."""
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 900})
    try:
        context.add_init_script(_WATCH)
        page = context.new_page()
        requests: list[Request] = []
        context.on("request", lambda request: requests.append(request))  # noqa: PLW0108 (a bound one is refused)
        page.goto(url, wait_until="commit")
        began = page.evaluate("performance.timeOrigin")
        first = _picture_came(page)
        asked = [
            Asked(each.url, each.all_headers())
            for each in requests
            if each.url.startswith("http") and each.method == "GET"
        ]
        return (first - began) / 1000, asked
    finally:
        context.close()


def _picture_came(page: Page) -> float:
    for _ in range(600):
        if came := page.evaluate("window.firstPicture || 0"):
            return float(came)
        page.wait_for_timeout(100)
    pytest.fail("no picture came")


def test_the_first_picture_comes_nearly_as_soon_as_from_plain_files(
    at_nora: Watched, browser: Browser, tmp_path: Path
) -> None:
    page = at_nora.page
    page.goto("/exams/")
    page.locator(".exam, article, li").filter(has_text="Chest CT").last.get_by_role(
        "link"
    ).first.click()
    page.get_by_role("link", name="Look at the pictures").click()
    page.get_by_role("link", name="Full viewer").click()
    state, url = page.context.storage_state(), page.url
    _, asked = _first_picture(browser, url, state)
    assert keep(asked, tmp_path / "kept") > 10
    path = urlsplit(url).path
    ours: list[float] = []
    plain: list[float] = []
    with _plain(tmp_path / "kept") as origin:
        for number in range(_ROUNDS):
            turns = [(ours, url), (plain, origin + path)]
            for times, at in turns if number % 2 else reversed(turns):
                times.append(_first_picture(browser, at, state)[0])
    ratio = statistics.median(ours) / statistics.median(plain)
    figure("viewer.full.first-picture.ours", round(statistics.median(ours), 3), "s")
    figure("viewer.full.first-picture.plain", round(statistics.median(plain), 3), "s")
    assert ratio <= _AT_MOST, f"{sorted(ours)} beside {sorted(plain)}"
