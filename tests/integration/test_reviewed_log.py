"""Does a fault of ours put what somebody sent into the log?"""

from __future__ import annotations

import logging

import pytest
from django.test import Client
from django.urls import reverse

from safelight.config import asgi
from safelight.surfaces.web.account import statement

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_log_says_class_and_place_of_a_fault_and_not_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asgi.application()

    for talker in ("uvicorn.error", "django.request"):
        try:
            int("Doe^Jane")
        except ValueError:
            logging.getLogger(talker).exception("Exception in ASGI application\n")

    assert "Doe^Jane" not in caplog.text
    assert "ValueError" in caplog.text
    assert "test_reviewed_log.py:" in caplog.text


def test_a_page_that_fails_logs_no_text(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Doe^Jane")

    asgi.application()
    monkeypatch.setattr(statement, "current_statement", fail)
    browser = Client(raise_request_exception=False)
    answer = browser.get(reverse("statement"))
    assert answer.status_code == 500
    assert "Doe^Jane" not in caplog.text
    assert b"Doe^Jane" not in answer.content
