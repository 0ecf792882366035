"""What must hold of every page that a person visits, at any size and in any light?

A browser context that watches: whatever a page logs, loads or breaks is noted, and
`look` examines the page in front of the person at two widths, light and dark.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import ViewportSize

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        CDPSession,
        ConsoleMessage,
        Page,
        Request,
        Response,
    )

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS: Final = ROOT / "tests" / "shots"
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
_GRAVE = frozenset({"serious", "critical"})
# Pictures further down wait until somebody goes there.
_SETTLED = """() => document.fonts.status === 'loaded' && [...document.images].every((each) =>
  each.complete || each.getBoundingClientRect().top > innerHeight)"""
# Somebody who reads to the end: only then is what is drawn late there.
_THROUGH = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 30));
  }
  scrollTo(0, 0);
}"""
_SIZES = (("wide", WIDE), ("narrow", NARROW))
# A refusal that a journey provokes is logged by the browser as a failed resource.
_REFUSAL = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Watched:
    """A person's browser, from whose sight nothing bad escapes."""

    context: BrowserContext
    page: Page
    origin: str
    titles: dict[str, str]
    problems: list[str] = field(default_factory=list)
    control: CDPSession | None = None

    def look(self, name: str, state: str = "") -> None:
        """Examine the page at both widths, light and dark, and keep pictures of it.

        Pages of different names have different titles; `state` tells two looks at one apart.
        """
        page = self.page
        page.wait_for_load_state("load")  # after a press the new page may have nothing in it yet
        page.evaluate(_THROUGH)
        found = self._page_facts(name)
        name = f"{name}-{state}" if state else name
        for scheme in ("light", "dark"):
            for width, size in _SIZES:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.wait_for_function(_SETTLED)
                faults = self._looks(f"{name}-{width}-{scheme}", scheme)
                found += [f"{width}, {scheme}: {each}" for each in faults]
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found += self.problems
        self.problems.clear()
        assert not found, f"the page {name!r} ({page.url}) has faults:\n" + "\n".join(found)

    def forgive(self) -> None:
        """Forget what a refusal that was provoked on purpose has left in the log."""
        self.problems.clear()

    def _page_facts(self, name: str) -> list[str]:
        page, found = self.page, []
        headings = page.locator("h1").count()
        if headings != 1:
            found.append(f"it has {headings} main headings")
        title = page.title()
        owner = self.titles.setdefault(title, name)
        if owner != name:
            found.append(f"its title {title!r} is that of {owner!r}")
        return found

    def _looks(self, shot: str, scheme: str) -> list[str]:
        page, found = self.page, []
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{shot}.png", full_page=True)
        across = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        if across[0] > across[1]:
            found.append(f"it is {across[0]} px wide in a window of {across[1]} px")
        return found + self._axe(scheme)

    def _axe(self, scheme: str) -> list[str]:
        # All rules in the light; what the dark can change is colour alone.
        only = "runOnly: ['color-contrast'], " if scheme == "dark" else ""
        # The debugger's own way in: the page's policy against foreign scripts stays in force.
        # It is kept open, since closing it would take a virtual authenticator along.
        self.control = self.control or self.context.new_cdp_session(self.page)
        evaluate = partial(self.control.send, "Runtime.evaluate")
        if not evaluate({"expression": "typeof axe === 'object'"})["result"]["value"]:
            evaluate({"expression": AXE.read_text()})
        answer = evaluate(
            {
                "expression": f"axe.run(document, {{{only}resultTypes: ['violations']}})"
                ".then(({violations}) => JSON.stringify(violations.map((each) => ({"
                "id: each.id, impact: each.impact, help: each.help,"
                "where: each.nodes.map(({target, failureSummary}) => target + ' ' + "
                "failureSummary).slice(0, 3)}))))",
                "awaitPromise": True,
                "returnByValue": True,
            }
        )
        violations: list[dict[str, Any]] = _parsed(answer)
        return [
            f"axe: {each['impact']} {each['id']}, {each['help']}: {each['where']}"
            for each in violations
            if each["impact"] in _GRAVE
        ]


def watched(
    browser: Browser,
    origin: str,
    titles: dict[str, str],
    *,
    scripts: bool = True,
) -> Watched:
    """Open a browser profile of its own, with nothing in it, and watch it."""
    context = browser.new_context(
        base_url=origin,
        viewport={"width": WIDE["width"], "height": WIDE["height"]},
        reduced_motion="reduce",
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    seen = Watched(context, page, origin, titles)

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _REFUSAL.match(message.text):
            seen.problems.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme in {"http", "https", "ws", "wss"} and not request.url.startswith(origin):
            seen.problems.append(f"it asked another host: {there.netloc}")

    def on_response(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            seen.problems.append(f"a part of it was refused: {response.status} {response.url}")

    context.on("console", on_console)
    context.on("response", on_response)
    context.on("request", on_request)
    context.on("weberror", lambda error: seen.problems.append(f"script: {error.error}"))
    return seen


def _parsed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    value = answer["result"].get("value")
    assert isinstance(value, str), f"axe did not run: {answer}"
    return list(json.loads(value))
