"""Is every page, in every state, usable by everyone? On a desk and a phone, light and dark."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from safelight.exchange.consent.handwriting import WIDTH, handwriting_from_text
from safelight.surfaces.web.internal.scenes import SCENES

pytestmark = pytest.mark.browser

# A busy machine may still be drawing the size or the light before.
_DRAWN = """([width, scheme]) => innerWidth === width
  && matchMedia(`(prefers-color-scheme: ${scheme})`).matches
  && document.fonts.status === 'loaded' && !document.getAnimations().length
  && new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))
"""
ROOT = Path(__file__).parents[2]
AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
_MOMENT = 500  # milliseconds; what a busy machine had not drawn yet is drawn then
SIZES = ((1280, 800), (390, 844))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 (its signature)
        del format, args


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """Serve the internal pages as a demo does; they need no database."""
    with override_settings(SAFELIGHT_DEMO=True):
        server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        launched = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def _serious(page: Page, *rules: str) -> list[str]:
    """Return the faults that are there, and still there a moment later."""
    found = _found(page, *rules)
    if not found:
        return []
    page.wait_for_timeout(_MOMENT)
    return sorted(set(found) & set(_found(page, *rules)))


def _found(page: Page, *rules: str) -> list[str]:
    only = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("(only) => axe.run(document, only)", only)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical", "moderate"}
    ]


def _at_every_size_and_light(page: Page) -> list[str]:
    # From the inspector, where the page's own policy on scripts does not apply.
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE})
    faults = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        # All rules in the light; what the dark can change is colour alone.
        page.emulate_media(color_scheme="light")
        page.wait_for_function(_DRAWN, arg=[width, "light"])
        faults += [f"{width} light {each}" for each in _serious(page)]
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(_DRAWN, arg=[width, "dark"])
        faults += [f"{width} dark {each}" for each in _serious(page, "color-contrast")]
        widest = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{width} scrolls sideways to {widest}"] if widest > width else []
    return faults


@pytest.mark.parametrize("name", ["pieces", *(f"scenes/{each}" for each in sorted(SCENES))])
def test_a_page_is_free_of_barriers_and_asks_only_us(page: Page, served: str, name: str) -> None:
    said: list[str] = []
    asked: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "/uploads" not in message.location["url"]:
            said.append(message.text)

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("console", hear)
    page.on("request", note)
    try:
        answer = page.goto(f"{served}/internal/{name}", wait_until="load")
        assert answer is not None
        assert answer.status == 200
        assert _at_every_size_and_light(page) == []
        assert said == []
        assert all(url.startswith((served, "data:", "blob:")) for url in asked)
    finally:
        page.remove_listener("console", hear)
        page.remove_listener("request", note)


def test_the_link_opens_by_its_secret_and_leaves_no_trace_of_it(page: Page, served: str) -> None:
    page.goto(f"{served}/internal/scenes/open#a-secret")

    page.wait_for_function("!location.hash")
    assert page.input_value("input[name=secret]") == "a-secret"
    assert page.locator("#printed").is_hidden()


def test_without_a_secret_the_printed_code_is_asked_for(page: Page, served: str) -> None:
    page.goto(f"{served}/internal/scenes/refusal")
    page.goto(f"{served}/internal/scenes/open")

    assert page.locator("#printed").is_visible()


def test_taking_back_asks_once_more_without_any_script(browser: Browser, served: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/internal/scenes/access")
    first = page.locator("details.sure", has_text="Take back").first

    assert first.get_by_role("button", name="Yes, take it back").is_hidden()
    first.locator("summary").click()
    assert first.get_by_role("button", name="Yes, take it back").is_visible()
    context.close()


def _draw(page: Page) -> None:
    """Draw a line from within the field to beyond its edge."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 90, box["y"] + 40, steps=8)
    page.mouse.up()


def test_a_signature_is_drawn_cleared_and_written_as_numbers(page: Page, served: str) -> None:
    page.goto(f"{served}/internal/scenes/share-sign")
    says = page.get_by_role("status")
    _draw(page)
    assert says.inner_text() == "There is a drawing in the field."
    page.get_by_role("button", name="Clear the field").click()
    assert says.inner_text() == "The field is empty."
    page.locator("canvas").click()
    _draw(page)
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Keep this signature").click()

    drawn = handwriting_from_text(page.locator("[name=handwriting]").input_value())
    assert [len(stroke) > 1 for stroke in drawn.strokes] == [False, True]
    assert drawn.strokes[1][-1][0] == WIDTH


def test_without_a_script_one_goes_on_without_a_drawing(browser: Browser, served: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/internal/scenes/share-sign")

    assert page.get_by_role("button", name="Keep this signature").is_hidden()
    assert page.get_by_role("button", name="Go on without a drawing").is_visible()
    assert page.locator("noscript p").is_visible()
    context.close()
