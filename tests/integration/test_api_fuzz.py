"""Can the JSON API be asked anything its description allows, or forbids, that it answers badly?

No fault of ours, no status and no shape that is not described, whatever is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from api import ROOT, described, page_of
from copying import draft_of_a_copy
from permission_matrix import API
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Attempts
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import StudyCopy
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
PIECES = 12  # each ends within ten minutes
_JUDGED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Keep the connection to the database between requests, as Django's own test client does."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def whole_schema() -> Any:  # noqa: ANN401 (the library's)
    found = schemathesis.openapi.from_dict(described())
    found.app = get_wsgi_application()
    return found


def _copy(story: Story) -> UUID:
    draft_of_a_copy(story)
    return StudyCopy.objects.get().study_id


class Fuzzer:
    """Asks one operation many things, as a program and as a page, about what is there and not."""

    def __init__(self, story: Story) -> None:
        self.story = story
        token, _ = create_token(
            story.owner.account, list(Scope), no_rate_limit=True, actor="operator", at=clock.now()
        )
        self.token = {"Authorization": f"Bearer {token}"}
        browser = browser_of(story.owner, story.code())
        page = page_of(browser)
        self.headers = dict(page.headers)
        self.cookies = {name: each.value for name, each in browser.cookies.items()}
        shared = story.share()
        self.real = {
            "exam_id": to_text(story.study_id),
            "consent_id": to_text(shared.consent_id),
            "share_id": to_text(shared.share_id),
            "account_id": to_text(story.owner.account.pk),
            "copy_id": to_text(_copy(story)),
        }

    def ask(self, operation: Any, mode: GenerationMode, examples: int) -> None:  # noqa: ANN401 (the library's)
        """Ask one operation as many things as are wanted."""
        checks = CHECKS.get_by_names(_JUDGED)

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            real=st.booleans(),
            as_page=st.booleans(),
        )
        def judge(case: Any, *, real: bool, as_page: bool) -> None:  # noqa: ANN401 (the library's)
            if real:
                self._make_real(case)
            if as_page:
                answer = case.call(headers=self.headers, cookies=self.cookies)
            else:
                answer = case.call(headers=self.token)
            case.validate_response(answer, checks=checks)

        Attempts.objects.all().delete()
        judge()

    def _make_real(self, case: Any) -> None:  # noqa: ANN401 (the library's)
        known = self.real | {"draft_id": to_text(self.story.draft())}
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known.get(name, case.path_parameters[name])
        if isinstance(case.body, dict) and "exams" in case.body:
            case.body["exams"] = [known["exam_id"]]


def fuzzed(story: Story, operations: Sequence[str], examples: int) -> None:
    fuzzer, found = Fuzzer(story), whole_schema()
    for asked in operations:
        method, _, path = asked.partition(" ")
        operation = found[ROOT + path][method]
        fuzzer.ask(operation, GenerationMode.POSITIVE, examples)
        if operation.body or operation.query:
            fuzzer.ask(operation, GenerationMode.NEGATIVE, examples)


def test_whatever_is_asked_is_answered_as_described(story: Story, kept_open: None) -> None:
    fuzzed(story, sorted(API), examples=4)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("piece", range(PIECES))
def test_much_more_that_is_asked_is_answered_as_described(
    story: Story, kept_open: None, piece: int
) -> None:
    fuzzed(story, sorted(API)[piece::PIECES], examples=200)
