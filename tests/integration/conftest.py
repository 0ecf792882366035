"""The cast of the stories: an owner, a clinician, a stranger; and a client of our own app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from cast import Person, make_person
from safelight.records.accounts.models import Kind
from safelight.surfaces.dicomweb.app import app


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
