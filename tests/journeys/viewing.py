"""What does the viewer show? Read from its canvas, not from what it says of itself."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Page

_CANVAS = "document.querySelector('[data-part=canvas]')"


def wait_for_picture(page: Page, number: int | None = None) -> None:
    """Wait until the picture asked for is drawn."""
    page.wait_for_function(
        "(number) => window.safelightViewer?.ready"
        " && (number === null || window.safelightViewer.picture === number)",
        arg=number,
    )


def picture_number(page: Page) -> int:
    """Return which picture is drawn, from 1."""
    wait_for_picture(page)
    return int(page.evaluate("window.safelightViewer.picture"))


def canvas(page: Page) -> NDArray[np.uint8]:
    """Return the brightness of what is on the canvas."""
    address = page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>"
        f"done({_CANVAS}.toDataURL('image/png')))))"
    )
    data = base64.b64decode(str(address).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def shown_exactly(page: Page, rows: int, columns: int) -> NDArray[np.uint8]:
    """Size the window so that one pixel of the screen is one of the picture; return it."""
    for _ in range(3):
        film = page.evaluate(
            "(({width, height}) => [width, height])"
            "(document.querySelector('[data-part=film]').getBoundingClientRect())"
        )
        size = page.viewport_size
        assert size is not None
        odd = (round(film[0]) - columns) % 2
        if round(film[1]) == rows and not odd:
            break
        page.set_viewport_size(
            {"width": size["width"] + odd, "height": size["height"] + rows - round(film[1])}
        )
        page.wait_for_timeout(150)
    picture = canvas(page)
    assert picture.shape[0] == rows, f"the canvas is {picture.shape}, wanted {rows} rows"
    left = (picture.shape[1] - columns) // 2
    return picture[:, left : left + columns]
