"""The fixtures of the stories: who is on the stage, and a client of our own app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from cast import Person, make_person
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.kernel import clock
from safelight.records.accounts import allowances
from safelight.records.accounts.models import Kind
from safelight.surfaces.dicomweb.app import app
from story import Story, begin_story

__all__ = ["clinician", "moved_clock", "owner", "story", "stranger", "web"]


@pytest.fixture
def owner() -> Person:
    return make_person("Olga Owner", Kind.INDIVIDUAL)


@pytest.fixture
def stranger() -> Person:
    return make_person("Stan Stranger", Kind.INDIVIDUAL)


@pytest.fixture
def clinician() -> Person:
    return make_person("Clara Clinician", Kind.PROVIDER, "Example Hospital")


@pytest.fixture
def web() -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False) as client:
        yield client
    # The counts of the last second are written now, not into the next test's tables.
    write_down_counts()
    allowances.settle()


@pytest.fixture
def story(web: TestClient, owner: Person) -> Story:
    return begin_story(web, owner)


@pytest.fixture
def moved_clock() -> Iterator[Callable[[timedelta], datetime]]:
    clock.allow_moving()
    yield clock.move
    clock.reset()
