"""Can the JSON API be asked anything its description allows, or forbids, that it answers badly?

No fault of ours, no status and no shape that is not described, whatever is sent and whoever
sends it: nobody, a guest, a patient, those of an institution, those who run the instance, by
page or by token, with each scope alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from acting import HOSPITAL
from api import ROOT, described, page_of
from cast import Person, make_person
from copying import draft_of_a_copy
from figures import figure
from permission_matrix import API
from powers import browser_for, make_runner
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.allowances import forget
from safelight.records.accounts.models import Attempts, Kind, Role, StaffRole
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import StudyCopy
from story import Story, browser_of, open_share

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


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks, and what they send along to say who they are."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


# FHIR's scopes ("patient/*.read") open nothing here.
_OF_THE_API = tuple(scope for scope in Scope if "/" not in scope)


def _by_token(name: str, person: Person, *scopes: Scope) -> Caller:
    token, _ = create_token(
        person.account, list(scopes or Scope), no_rate_limit=True, actor="operator", at=clock.now()
    )
    return Caller(name, {"Authorization": f"Bearer {token}"})


def _by_page(name: str, browser: Client) -> Caller:
    page = page_of(browser)
    cookies = {each: morsel.value for each, morsel in browser.cookies.items()}
    return Caller(name, dict(page.headers), cookies)


def callers(story: Story) -> list[Caller]:
    """Return one of each kind: whom the API may ever meet."""
    owner = story.owner
    patient = _by_page("patient's page", browser_of(owner, story.code()))
    found = [
        _by_token("patient", owner),
        patient,
        Caller("page without its token", {"Origin": "http://localhost:8000"}, patient.cookies),
        *(_by_token(f"patient, {scope.value} only", owner, scope) for scope in _OF_THE_API),
        Caller("nobody"),
        Caller("a token of nobody", {"Authorization": "Bearer slt_nothing_at_all"}),
        Caller("guest", {}, {"__Host-guest": open_share(story.share())}),
    ]
    for role in Role:
        person = make_person(f"Rolf {role.label}", Kind.PROVIDER, HOSPITAL)
        person.account.memberships.update(role=role)
        found += [_by_token(role.value, person)]
        found += [_by_page(f"{role.value}'s page", browser_for(person))]
    for staff in StaffRole:
        runner = make_runner(f"Stan {staff.label}", staff)
        found += [_by_token(staff.value, runner.person)]
        found += [_by_page(f"{staff.value}'s page", browser_for(runner.person))]
    return found


class Fuzzer:
    """Asks one operation many things, as everybody, about what is there and not."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.callers = callers(story)
        self.cases = 0
        self.wrong: list[str] = []
        self.answered: set[str] = set()
        shared = story.share()
        self.real = {
            "exam_id": to_text(story.study_id),
            "consent_id": to_text(shared.consent_id),
            "share_id": to_text(shared.share_id),
            "account_id": to_text(story.owner.account.pk),
            "copy_id": to_text(_copy(story)),
        }

    def ask(self, operation: Any, mode: GenerationMode, examples: int) -> None:  # noqa: ANN401 (the library's)
        """Ask one operation as many things as are wanted, by whoever comes to mind."""

        @_trying(examples)
        @given(
            case=operation.as_strategy(generation_mode=mode),
            real=st.booleans(),
            caller=st.sampled_from(self.callers),
        )
        def judge(case: Any, *, real: bool, caller: Caller) -> None:  # noqa: ANN401 (the library's)
            self._judge(operation, case, caller, real=real)

        Attempts.objects.all().delete()
        judge()

    def ask_as(self, whom: Sequence[Caller], operation: Any) -> None:  # noqa: ANN401 (the library's)
        """Ask one operation one thing about what is there, as each of some callers."""

        @_trying(1)
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def judge(case: Any) -> None:  # noqa: ANN401 (the library's)
            for caller in whom:
                self._judge(operation, case, caller, real=True)

        Attempts.objects.all().delete()
        judge()

    def _judge(self, operation: Any, case: Any, caller: Caller, *, real: bool) -> None:  # noqa: ANN401 (the library's)
        forget()  # no haste is bounded here
        if real:
            self._make_real(case)
        headers, cookies = dict(case.headers or {}), dict(case.cookies or {})
        answer = case.call(headers=dict(caller.headers), cookies=dict(caller.cookies))
        # What this caller sent was written into the case; the next one shall not send it too.
        case.headers, case.cookies = headers, cookies
        self.cases += 1
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            self.answered.add(caller.name)
        try:
            case.validate_response(answer, checks=CHECKS.get_by_names(_JUDGED))
        except FailureGroup as failed:
            said = "; ".join(type(each).__name__ for each in failed.exceptions)
            where = f"{operation.label} as {caller.name}: {answer.status_code} {said}"
            self.wrong.append(where)

    def _make_real(self, case: Any) -> None:  # noqa: ANN401 (the library's)
        known = self.real | {"draft_id": to_text(self.story.draft())}
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known.get(name, case.path_parameters[name])
        if isinstance(case.body, dict) and "exams" in case.body:
            case.body["exams"] = [known["exam_id"]]


def _trying(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def fuzzed(
    story: Story, operations: Sequence[str], examples: int, name: str, *, every: int = 1
) -> Fuzzer:
    fuzzer, found = Fuzzer(story), whole_schema()
    for number, asked in enumerate(operations):
        method, _, path = asked.partition(" ")
        operation = found[ROOT + path][method]
        # The short run goes round: each operation meets some, and each caller many operations.
        fuzzer.ask_as(fuzzer.callers[number % every :: every], operation)
        fuzzer.ask(operation, GenerationMode.POSITIVE, examples)
        if operation.body or operation.query:
            fuzzer.ask(operation, GenerationMode.NEGATIVE, examples)
    figure(f"schemathesis.cases.{name}", fuzzer.cases, "requests")
    figure(f"schemathesis.wrong.{name}", len(fuzzer.wrong), "answers")
    assert fuzzer.wrong == []
    return fuzzer


def test_every_operation_of_the_description_is_asked() -> None:
    described_ones = {
        f"{method.upper()} {path.removeprefix(ROOT)}"
        for path, methods in described()["paths"].items()
        for method in methods
        if method in {"get", "put", "post", "patch", "delete", "head", "options"}
    }
    assert described_ones == set(API)
    figure("schemathesis.operations", len(described_ones), "operations")


def test_whatever_is_asked_is_answered_as_described(story: Story, kept_open: None) -> None:
    fuzzer = fuzzed(story, sorted(API), 1, "short", every=8)
    # Were all of them refused, whoever asks, the test would say little.
    assert fuzzer.answered >= {"patient", "patient's page", "clinician", "clinician's page"}
    assert not fuzzer.answered & {"nobody", "a token of nobody", "guest"}


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("piece", range(PIECES))
def test_much_more_that_is_asked_is_answered_as_described(
    story: Story, kept_open: None, piece: int
) -> None:
    fuzzed(story, sorted(API)[piece::PIECES], 200, f"long.{piece}")
