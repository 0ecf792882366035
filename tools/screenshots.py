"""What do the pages look like today? Takes the two pictures of the README from a demo.

    .venv/bin/python tools/screenshots.py

Starts a demo in a folder of its own, shares one exam in it as its patient would,
and writes docs/images/home.png and docs/images/viewer.png. Needs Chromium.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LARGEST = 300_000
sys.path.insert(0, str(ROOT / "tests"))  # the journeys know how a person uses the pages

from journeys import sharing  # noqa: E402 (see the line above)
from journeys.pages import watched  # noqa: E402
from journeys.people import Person, Phone  # noqa: E402
from journeys.sharing import Recipient  # noqa: E402
from journeys.viewing import wait_for_picture  # noqa: E402
from server import free_port  # noqa: E402

_ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
_WINDOW: ViewportSize = {"width": 1280, "height": 800}
_DOCTOR = Recipient("Dr Lena Fischer", "lena.fischer@surgery.example")


def main() -> int:
    """Take both pictures; return the exit code."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _demo(Path(folder) / "demo") as (url, maria),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        seen = watched(browser, url, {})
        page = seen.page
        page.set_viewport_size(_WINDOW)
        maria.sign_in(seen)
        _open_newest(page)
        sharing.choose_what(seen, "soft tissue")
        sharing.choose_whom(seen, _DOCTOR)
        sharing.choose_why(seen)
        maria.confirm(seen, f"Confirm and let {_DOCTOR.name} look")
        page.get_by_role("heading", name=f"{_DOCTOR.name} can look").wait_for()
        page.goto("/")
        _keep(page, "home")
        _open_newest(page)
        page.get_by_role("link", name="Look at the pictures").click()
        wait_for_picture(page)
        page.wait_for_timeout(2000)
        _keep(page, "viewer")
        browser.close()
    return 0


@contextmanager
def _demo(data: Path) -> Iterator[tuple[str, Person]]:
    """Serve a demo of its own; yield its address and its patient."""
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "safelight.surfaces.cli", "demo"]
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [*command, "--listen", listen, "--data", str(data)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        url = next(
            line.removeprefix("ready ").strip()
            for line in process.stdout
            if line.startswith("ready ")
        )
        first = json.loads((data / "demo-people.json").read_text())[0]
        phone = Phone(first["secret"])
        yield url, Person(first["name"], first["email"], first["password"], phone)
    finally:
        process.terminate()
        process.wait()


def _open_newest(page: Page) -> None:
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("^Chest CT")).first.click()


def _keep(page: Page, name: str) -> None:
    """Keep what is in the window, in as many colours as fit."""
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = IMAGES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    for colours in (256, 128, 64, 32):
        # An octree keeps the lamp's few bright dots; a palette of averages makes them grey.
        palette = shot.quantize(colours, method=Image.Quantize.FASTOCTREE)
        shot.quantize(palette=palette).save(path, optimize=True)
        if path.stat().st_size < LARGEST:
            break
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
