"""What is given out while the record cannot be written? Nothing, and it comes back by itself.

Requirement AT-12.3. The database itself refuses the entry, as a full disk makes it do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from cast import multipart
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.database.triggers import Trigger, install, take_away
from stage import owner, story, web
from story import Story, another_ct, browser_of

__all__ = ["owner", "story", "web"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
FULL = Trigger(name="audit_store_is_full", table="audit_entry", event="INSERT", says="full")


@contextmanager
def record_unavailable() -> Iterator[None]:
    """Let nothing be written to the record for a while."""
    install(connection, [FULL])
    try:
        yield
    finally:
        take_away(connection, [FULL])


@pytest.fixture
def paths(story: Story) -> dict[str, str]:
    """Name the ways a program takes to the exam."""
    study = f"/dicomweb/studies/{story.dataset.StudyInstanceUID}"
    return {
        "QIDO": "/dicomweb/studies",
        "metadata": f"{study}/metadata",
        "WADO": study,
        "frame": f"/dicomweb{story.address}/frames/1",
        "rendered": f"/dicomweb{story.address}/rendered",
    }


def test_no_program_gets_an_exam_that_cannot_be_recorded(
    story: Story, paths: dict[str, str]
) -> None:
    before = Entry.objects.count()
    with record_unavailable():
        for name, path in paths.items():
            answer = story.web.get(path, headers=story.owner.headers)
            assert answer.status_code == 503, (name, answer.status_code, answer.text)
            assert "audit_unavailable" in answer.text, name
    assert Entry.objects.count() == before
    for name, path in paths.items():
        assert story.web.get(path, headers=story.owner.headers).status_code == 200, name


def test_nothing_is_taken_in_that_cannot_be_recorded(story: Story) -> None:
    body, headers = multipart(another_ct(SOPInstanceUID="2.25.4711"))
    with record_unavailable():
        answer = story.web.post(
            "/dicomweb/studies", content=body, headers=headers | story.owner.headers
        )
        assert answer.status_code == 503, answer.text
        assert "audit_unavailable" in answer.text
    again = story.web.post("/dicomweb/studies", content=body, headers=headers | story.owner.headers)
    assert again.status_code == 200


def test_no_page_shows_an_exam_that_cannot_be_recorded(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    pages = [f"/exams/{to_text(story.study_id)}/{page}" for page in ("view/", "download/")]
    with record_unavailable():
        for page in pages:
            answer = browser.get(page) if page.endswith("view/") else browser.post(page)
            assert answer.status_code == 503, page
    assert browser.get(pages[0]).status_code == 200
