"""Are pictures gone through, kept in shape and measured as a reader of pictures expects?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from journeys.disc import CHEST, CIRCLE_RADIUS, Disc, as_shown, roundness
from journeys.viewing import canvas, picture_number, shown_exactly, wait_for_picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]

_ROUND = pytest.approx(1, abs=0.01)


@pytest.fixture
def chest(at_nora: Watched, disc: Disc) -> Page:
    page = at_nora.page
    _open(page, "Chest CT")
    page.goto(f"{page.url}?series={disc.soft_uid}")
    wait_for_picture(page)
    return page


@pytest.fixture
def circles(at_nora: Watched) -> Page:
    _open(at_nora.page, "Circle")
    wait_for_picture(at_nora.page)
    return at_nora.page


def _open(page: Page, title: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile(title)).click()
    page.get_by_role("link", name="Look at the pictures").click()


def test_the_wheel_goes_one_picture_at_a_time_each_way(chest: Page) -> None:
    start = picture_number(chest)
    chest.locator("[data-part=film]").hover()
    chest.mouse.wheel(0, 120)
    wait_for_picture(chest, start + 1)
    chest.mouse.wheel(0, -120)
    wait_for_picture(chest, start)


def test_keys_go_on_back_and_to_both_ends(chest: Page) -> None:
    for key, number in (
        ("Home", 1),
        ("ArrowDown", 2),
        ("ArrowRight", 3),
        ("ArrowUp", 2),
        ("PageDown", 12),
        ("PageUp", 2),
        ("End", 12),
    ):
        chest.keyboard.press(key)
        wait_for_picture(chest, number)


def test_the_slider_and_a_drag_go_through_the_pictures(chest: Page) -> None:
    chest.locator("#n").fill("4")
    wait_for_picture(chest, 4)
    box = chest.locator("[data-part=film]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    chest.mouse.move(x, y)
    chest.mouse.down()
    chest.mouse.move(x, y + box["height"] / 3, steps=8)
    chest.mouse.up()
    assert picture_number(chest) > 4


def test_a_preset_shows_the_values_it_names(chest: Page, disc: Disc) -> None:
    chest.get_by_role("button", name="Lung", exact=True).click()
    number = picture_number(chest)
    shown = shown_exactly(chest, CHEST.size, CHEST.size)
    wanted = as_shown(disc.soft[number - 1], -600, 1500)
    assert abs(shown.astype(int) - wanted.astype(int)).mean() < 1
    chest.get_by_role("button", name="Invert", exact=True).click()
    inverted = shown_exactly(chest, CHEST.size, CHEST.size)
    assert abs(inverted.astype(int) + wanted.astype(int) - 255).mean() < 1


@pytest.mark.parametrize("picture", [1, 2])
def test_a_circle_stays_round_whatever_is_done_to_the_window(circles: Page, picture: int) -> None:
    circles.locator("#n").fill(str(picture))
    wait_for_picture(circles, picture)

    def shape() -> float:
        circles.wait_for_timeout(200)
        return roundness(canvas(circles))

    assert shape() == _ROUND
    for width, height in ((390, 844), (1100, 520), (844, 390), (1280, 900)):
        circles.set_viewport_size({"width": width, "height": height})
        assert shape() == _ROUND, f"in a window of {width} by {height}"
    for tool in ("Turn", "Smaller", "Flip", "Turn", "Larger", "Larger"):
        circles.get_by_role("button", name=tool, exact=True).click()
        assert shape() == _ROUND, f"after {tool}"


def test_every_tool_is_in_sight_on_a_low_screen(circles: Page) -> None:
    # A recipient's header takes two rows at 1280 by 800, which leaves the tools this much.
    circles.set_viewport_size({"width": 1280, "height": 756})
    circles.wait_for_timeout(200)
    try:
        hidden = "(each) => each.scrollHeight - each.clientHeight"
        assert circles.locator(".tools").evaluate(hidden) == 0
        assert circles.locator("html").evaluate(hidden) == 0
    finally:
        circles.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("picture", [1, 2])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_length_is_right_to_a_pixel_along_both_sides(
    circles: Page, picture: int, axis: int
) -> None:
    circles.locator("#n").fill(str(picture))
    wait_for_picture(circles, picture)
    circles.get_by_role("button", name="Measure", exact=True).click()
    circles.wait_for_timeout(200)
    bright = np.nonzero(canvas(circles) > 127)
    across = bright[1 - axis]
    box = circles.locator("[data-part=canvas]").bounding_box()
    assert box is not None
    middle = bright[axis].mean()

    def point(along: int) -> tuple[float, float]:
        x, y = (along, middle) if axis == 0 else (middle, along)
        return box["x"] + float(x), box["y"] + float(y)

    circles.mouse.move(*point(int(across.min())))
    circles.mouse.down()
    circles.mouse.move(*point(int(across.max()) + 1), steps=5)
    circles.mouse.up()
    said = str(circles.evaluate("window.safelightViewer.lastMeasure"))
    expect(circles.locator("#status")).to_contain_text(said)
    length, unit, *_where = said.replace(",", "").split()
    assert unit == "mm"
    assert float(length) == pytest.approx(2 * CIRCLE_RADIUS, abs=0.8)


def test_nothing_jumps_and_no_preset_is_lit_after_a_change_by_hand(chest: Page) -> None:
    expect(chest.get_by_role("button", name="Next star", exact=True)).to_be_disabled()
    lung = chest.get_by_role("button", name="Lung", exact=True)
    lung.click()
    expect(lung).to_have_attribute("aria-pressed", "true")
    before = lung.bounding_box()
    chest.get_by_role("button", name="Brightness", exact=True).click()
    chest.locator("#brightness").fill("30")
    expect(lung).to_have_attribute("aria-pressed", "false")
    chest.get_by_role("button", name="Star", exact=True).click()
    expect(chest.get_by_role("button", name="Next star", exact=True)).to_be_enabled()
    assert lung.bounding_box() == before
    assert "2.25." not in (chest.locator(".strip a").first.get_attribute("href") or "")


def test_the_help_names_every_key_and_closes(chest: Page, at_nora: Watched) -> None:
    chest.keyboard.press("?")
    expect(chest.locator("#help")).to_be_visible()
    at_nora.look("viewer", "help")
    chest.keyboard.press("Escape")
    expect(chest.locator("#help")).to_be_hidden()
