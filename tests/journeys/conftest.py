"""The ground of the journeys: one served instance, one browser, profiles at will."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from journeys.disc import Disc, burn
from journeys.instance import Instance, served
from journeys.pages import Watched, watched

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    yield from served(tmp_path_factory.mktemp("journey"))


@pytest.fixture(scope="session")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Disc:
    return burn(tmp_path_factory.mktemp("disc") / "DISC")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def titles() -> dict[str, str]:
    """Return which page has which title, over all journeys."""
    return {}


@pytest.fixture(scope="session")
def profile(
    browser: Browser, instance: Instance, titles: dict[str, str]
) -> Iterator[Callable[..., Watched]]:
    """Open browser profiles that know nothing of one another."""
    opened: list[Watched] = []

    def fresh(*, scripts: bool = True) -> Watched:
        seen = watched(browser, instance.url, titles, scripts=scripts)
        opened.append(seen)
        return seen

    yield fresh
    for seen in opened:
        seen.context.close()
