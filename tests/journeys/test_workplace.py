"""Does the full viewer open in our frame, with nothing from elsewhere, and show every kind of exam?

What is shown is read from pixels: a page that says "12 of 12" over a black square is a failure.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from journeys.disc import Disc, as_shown
from journeys.workplace_exams import COMPRESSED, FINDINGS, PAPER, Made, every_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import FrameLocator, Locator, Page

    from journeys.instance import Instance
    from journeys.pages import Watched
    from journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.server]

_CANVAS = "canvas.cornerstone-canvas"
_ALIKE = 0.97  # correlation; the same picture drawn at another size is above 0.98


@pytest.fixture(scope="module")
def kinds(
    instance: Instance, nora: Person, at_nora: Watched, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Made]:
    del at_nora
    made, folder = every_kind(), tmp_path_factory.mktemp("kinds")
    for name, exam in made.items():
        for number, data in enumerate(exam.files):
            (folder / f"{name}-{number}.dcm").write_bytes(data)
    instance.run("import", "--account", nora.address, str(folder))
    return made


def _open(page: Page, words: str) -> FrameLocator:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/exams/")
    cards = page.locator(".exam, article, li").filter(has_text=re.compile(rf"\b{words}"))
    cards.last.get_by_role("link").first.click(timeout=10_000)
    page.get_by_role("link", name="Look at the pictures").click()
    page.get_by_role("link", name="Full viewer").click()
    return page.frame_locator("#viewer")


def _drawn(canvas: Locator) -> NDArray[np.uint8]:
    """Return what is drawn, once two looks at it are the same and it is not black."""
    before = b""
    for _ in range(60):
        try:
            now = canvas.screenshot()
        except PlaywrightError:  # the viewer laid its panes out anew
            before = b""
            canvas.page.wait_for_timeout(500)
            continue
        seen = np.asarray(Image.open(io.BytesIO(now)).convert("RGB"))
        if now == before and (seen.max(2) > 60).mean() > 0.02:
            return seen
        before = now
        canvas.page.wait_for_timeout(500)
    pytest.fail("the canvas stayed black, or never came to rest")


def _alike(drawn: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    """Return how alike a drawn picture, fitted into its canvas, and the wanted one are."""
    grey = np.asarray(Image.fromarray(drawn).convert("L"), dtype=float)
    rows, columns = grey.shape
    scale = min(rows / wanted.shape[0], columns / wanted.shape[1])
    size = round(wanted.shape[1] * scale), round(wanted.shape[0] * scale)
    fitted = np.asarray(Image.fromarray(wanted).resize(size, Image.Resampling.BILINEAR), float)
    top, left = (rows - size[1]) // 2, (columns - size[0]) // 2
    # The corners have words over the picture.
    inner = np.s_[size[1] // 6 : -size[1] // 6, size[0] // 6 : -size[0] // 6]
    part = grey[top : top + size[1], left : left + size[0]]
    return float(np.corrcoef(part[inner].ravel(), fitted[inner].ravel())[0, 1])


def test_the_frame_is_sound_and_a_stack_is_shown(at_nora: Watched, disc: Disc) -> None:
    page, asked = at_nora.page, []
    page.on("request", lambda request: asked.append(request.url))
    viewer = _open(page, "Chest CT")
    drawn = _drawn(viewer.locator(_CANVAS).first)
    assert max(_alike(drawn, as_shown(each, 40, 400)) for each in disc.soft) > _ALIKE
    expect(page.get_by_text("Not cleared for primary diagnosis")).to_be_visible()
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {
        at_nora.origin.split("/")[2]
    }
    at_nora.look("workplace")
    page.get_by_role("link", name="Light viewer").click()
    expect(page.get_by_role("link", name="Full viewer")).to_be_visible()


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_stack_is_shown(at_nora: Watched, kinds: dict[str, Made], name: str) -> None:
    exam = kinds[name]
    drawn = _drawn(_open(at_nora.page, exam.day).locator(_CANVAS).first)
    assert exam.shown is not None
    assert _alike(drawn, exam.shown) > _ALIKE
    assert not at_nora.problems


def test_a_film_of_ultrasound_is_shown_in_colour(at_nora: Watched, kinds: dict[str, Made]) -> None:
    exam = kinds["ultrasound"]
    drawn = _drawn(_open(at_nora.page, exam.day).locator(_CANVAS).first)
    assert exam.shown is not None
    assert _alike(drawn, exam.shown) > 0.9
    red, green, blue = drawn[drawn.max(2) > 200].mean(0)
    assert red > green > blue
    assert not at_nora.problems


def test_three_planes_are_shown(at_nora: Watched, kinds: dict[str, Made]) -> None:
    viewer = _open(at_nora.page, kinds["planes"].day)
    at_nora.page.get_by_role("link", name="Three planes").click()
    expect(viewer.locator(_CANVAS)).to_have_count(3, timeout=60_000)
    pictures = [_drawn(viewer.locator(_CANVAS).nth(at)) for at in range(3)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert pictures[one].tobytes() != pictures[other].tobytes()
    assert not at_nora.problems


def test_an_earlier_exam_is_shown_beside(at_nora: Watched, kinds: dict[str, Made]) -> None:
    page = at_nora.page
    _open(page, kinds["jpeg-ls"].day)
    page.get_by_text("Beside an earlier exam").click()
    earlier = page.get_by_role("listitem").filter(has_text=kinds["jpeg-2000"].day.split()[1])
    earlier.get_by_role("link", name=re.compile(r"\b1 May")).click()
    viewer = page.frame_locator("#viewer")
    expect(viewer.locator(_CANVAS)).to_have_count(2, timeout=60_000)
    drawn = [_drawn(viewer.locator(_CANVAS).nth(at)) for at in range(2)]
    for exam in (kinds["jpeg-ls"], kinds["jpeg-2000"]):
        assert exam.shown is not None
        assert max(_alike(each, exam.shown) for each in drawn) > _ALIKE
    assert drawn[0].tobytes() != drawn[1].tobytes()
    # OHIF warns where it finds nothing for a place of this arrangement.
    assert [each for each in at_nora.problems if "hanging protocol viewport" not in each] == []
    at_nora.forgive()


def test_a_segmentation_is_laid_over_the_picture(at_nora: Watched, kinds: dict[str, Made]) -> None:
    page = at_nora.page
    viewer = _open(page, kinds["segmentation"].day)
    assert not _reds(_drawn(viewer.locator(_CANVAS).first))
    viewer.get_by_text("SEG", exact=True).dblclick()
    viewer.get_by_role("button", name="Yes").click()
    for _ in range(60):
        if _reds(_drawn(viewer.locator(_CANVAS).first)) > 1000:
            break
        page.wait_for_timeout(500)
    else:
        pytest.fail("no segment was laid over the picture")
    assert not at_nora.problems


def test_a_report_is_shown_in_words(at_nora: Watched, kinds: dict[str, Made]) -> None:
    viewer = _open(at_nora.page, kinds["report"].day)
    _drawn(viewer.locator(_CANVAS).first)
    viewer.get_by_text("SR", exact=True).dblclick()
    expect(viewer.get_by_text(FINDINGS)).to_be_visible()
    assert not at_nora.problems


def test_a_paper_is_shown_by_the_browser(at_nora: Watched, kinds: dict[str, Made]) -> None:
    viewer = _open(at_nora.page, kinds["paper"].day)
    _drawn(viewer.locator(_CANVAS).first)
    viewer.get_by_text("DOC", exact=True).dblclick()
    paper = viewer.locator("object[type='application/pdf'][data^='blob:']")
    expect(paper).to_be_visible()
    held = paper.evaluate("async (object) => await (await fetch(object.data)).text()")
    assert held.rstrip("\0\n") == PAPER.decode().rstrip("\n")
    assert not at_nora.problems


def _reds(drawn: NDArray[np.uint8]) -> int:
    """Count the pixels that are clearly red."""
    return int((drawn[..., 0].astype(int) - drawn[..., 1:].max(2) > 60).sum())


def test_a_report_is_read_beside_the_light_viewers_pictures(
    at_nora: Watched, kinds: dict[str, Made]
) -> None:
    page = at_nora.page
    _open(page, kinds["report"].day)
    page.get_by_role("link", name="Light viewer").click()
    page.get_by_text("1 report").click()
    expect(page.get_by_text(FINDINGS)).to_be_visible()
    expect(page.locator(".film").first).to_be_visible()
    at_nora.look("viewer", "report")
    page.get_by_role("link", name="All reports on a page of their own").click()
    expect(page.get_by_text(FINDINGS)).to_be_visible()
    at_nora.look("exam-reports")
