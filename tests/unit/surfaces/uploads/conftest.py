"""Two people with a browser each, in front of our own app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from cast import make_person
from safelight.records.accounts.models import Kind
from safelight.surfaces.dicomweb.app import app
from uploading import ORIGIN, Browser, browser_of


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owner(client: TestClient) -> Browser:
    return browser_of(client, make_person("Olga Owner", Kind.INDIVIDUAL))


@pytest.fixture
def stranger(client: TestClient) -> Browser:
    return browser_of(client, make_person("Stan Stranger", Kind.INDIVIDUAL))
