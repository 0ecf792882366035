"""The ground of the journeys: one served instance, one browser, profiles at will."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from journeys.disc import Disc, burn, burn_circles
from journeys.instance import Instance, served
from journeys.journey import Journey, begin
from journeys.pages import Watched, watched
from journeys.people import Person

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    yield from served(tmp_path_factory.mktemp("journey"))


@pytest.fixture(scope="package")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Disc:
    return burn(tmp_path_factory.mktemp("disc") / "DISC")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def titles() -> dict[str, str]:
    """Return which page has which title, over all journeys."""
    return {}


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def journey(profile: Callable[..., Watched]) -> Journey:
    return begin(profile)


@pytest.fixture(scope="package")
def stock(
    instance: Instance, disc: Disc, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Person], None]:
    """Bring the chest and the circles into somebody's account from the command line."""
    circles = tmp_path_factory.mktemp("circles") / "S4"
    burn_circles(circles)

    def bring_in(person: Person) -> None:
        folders = [disc.folder / "DICOM" / "S1", disc.folder / "DICOM" / "S2", circles]
        instance.run("import", "--account", person.address, *map(str, folders))

    return bring_in


@pytest.fixture(scope="package")
def nora(instance: Instance) -> Person:
    """Return somebody who has an account already."""
    person = Person("Nora Vega", "nora.vega@people.example")
    instance.run(
        *("account", "create", "--email", person.address, "--name", person.name),
        *("--password-stdin", "--accept-statement"),
        said=f"{person.password}\n",
    )
    return person


@pytest.fixture(scope="package")
def at_nora(
    nora: Person, profile: Callable[..., Watched], stock: Callable[[Person], None]
) -> Watched:
    """Return her browser, signed in, with her exams there."""
    stock(nora)
    seen = profile()
    nora.sign_in_first(seen)
    return seen
