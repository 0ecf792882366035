"""Is the API as its description says, in every operation, and does it keep its manners?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import orjson
import pytest
from django.test import Client
from ninja import Schema

from api import ROOT, Program, described, program_of
from cast import PASSWORD, make_person
from permission_matrix import API
from safelight.kernel import clock
from safelight.records.accounts import throttle
from safelight.records.accounts.models import Attempts, Kind
from safelight.records.accounts.tokens import Scope
from safelight.surfaces.api.papers import FHIR, PDF
from safelight.surfaces.api.problems import MEDIA_TYPE
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
_PLACE = re.compile(r"{(\w+)}")
_EVER = {"401", "403", "406", "429", "500", "503"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_description_is_open_to_all_and_names_no_host() -> None:
    answer = Client().get("/openapi.json")
    text = answer.content.decode()

    assert answer.headers["Content-Type"] == "application/json"
    assert orjson.loads(text)["openapi"].startswith("3.1")
    assert "://" not in text
    assert Client().post("/openapi.json").status_code == 405


def test_every_operation_is_described_in_full() -> None:
    told = {f"{method.upper()} {path.removeprefix(ROOT)}" for path, method, _ in operations()}
    assert told == set(API)
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for path, method, operation in operations():
        where = f"{method} {path}"
        answers = operation["responses"]
        expected = set(_EVER)
        expected |= {"404"} if "{" in path else set()
        expected |= {"411", "413", "415", "422"} if "requestBody" in operation else set()
        assert expected <= set(answers), where
        assert any(status.startswith("2") for status in answers), where
        assert operation["summary"].endswith("."), where
        way = "Connection" if "/handovers/" in where else "Session"
        assert {way: []} in operation["security"], where
        places = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert places == set(_PLACE.findall(path)), where
        for status, answer in answers.items():
            if status.startswith("2"):
                kinds = set(answer.get("content", {"none"}))
                assert kinds <= {"application/json", PDF, FHIR} or status == "204", where
            else:
                assert answer["x-codes"], where
                assert list(answer["content"]) == [MEDIA_TYPE], where


def test_every_reference_leads_somewhere() -> None:
    shapes = described()["components"]["schemas"]
    named = set(re.findall(rb'"#/components/schemas/([^"]+)"', orjson.dumps(described())))
    assert {name.decode() for name in named} <= set(shapes)


def test_no_two_shapes_share_a_name() -> None:
    """The description has one place for each name: the second would be told as the first."""
    named: dict[str, set[type]] = {}
    for shape in _shapes(Schema):
        if shape.__module__.startswith("safelight."):
            named.setdefault(shape.__name__, set()).add(shape)
            for field in shape.model_fields.values():
                for choice in _choices(field.annotation):
                    named.setdefault(choice.__name__, set()).add(choice)
    assert len(named) > 100
    assert {name: kinds for name, kinds in named.items() if len(kinds) > 1} == {}


def test_every_scope_that_is_asked_for_can_be_given() -> None:
    asked = {
        scope
        for _, _, operation in operations()
        for way in operation["security"]
        for scope in way.get("Token", [])
    }
    by_fhir = {scope for scope in Scope if scope.startswith(("patient/", "user/"))}
    assert by_fhir
    assert asked == set(Scope) - {Scope.DICOMWEB_WRITE} - by_fhir


def test_bad_manners_are_answered_in_json(story: Story) -> None:
    token = {"Authorization": f"Bearer {story.owner.token}"}
    client = Client(headers=token)
    large = b'{"name": "' + b"a" * 3_000_000 + b'"}'
    cases = [
        (client.get("/api/v1/exams", headers={"Accept": "text/html"}), 406, "not_acceptable"),
        (client.delete("/api/v1/exams"), 405, "method_not_allowed"),
        (client.get("/api/v1/nothing"), 404, "not_found"),
        (client.get("/api/v1/"), 404, "not_found"),
        (client.get("/api/v2/exams"), 404, "not_found"),
        (client.post("/api/v1/drafts", {"a": "b"}), 415, "unsupported_media_type"),
        (_sent(client, b"<xml>"), 422, "invalid:body"),
        (_sent(client, b"[1]"), 422, "invalid:body"),
        (_sent(client, b""), 422, "invalid:body"),
        (_sent(client, b"\xff\xfe"), 422, "invalid:body"),
        (_sent(client, large), 413, "too_large"),
        (_in_pieces(client), 411, "length_required"),
        (client.get("/api/v1/exams?limit=0"), 422, "invalid:limit"),
        (client.get("/api/v1/activity?since=yesterday"), 422, "invalid:since"),
    ]
    for answer, status, code in cases:
        assert answer.status_code == status, code
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        said = answer.json()
        assert (said["status"], said["code"]) == (status, code)
        assert set(said) <= {"type", "title", "status", "code", "detail", "errors"}
    assert cases[1][0].headers["Allow"] == "GET"


def test_head_is_answered_like_get_without_a_body(story: Story) -> None:
    client = Client(headers={"Authorization": f"Bearer {story.owner.token}"})
    answer = client.head("/api/v1/exams")

    assert answer.status_code == 200
    assert answer.content == b""


def test_who_asks_too_often_waits(story: Story) -> None:
    program = program_of(story.owner)
    throttle.take(throttle.API, str(story.owner.account.pk), at=clock.now())
    Attempts.objects.update(count=throttle.API.count)
    answer = Client(headers=program.headers).get("/api/v1/exams")

    assert answer.status_code == 429
    assert answer.json()["code"] == "rate_limited"
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_fault_of_ours_tells_nothing_of_itself(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "safelight.surfaces.api.groups.rolls_of"
    monkeypatch.setattr(broken, lambda _: 1 / 0)
    said = program_of(story.owner)("GET /groups", status=500)

    assert said["code"] == "fault"
    assert "division" not in str(said)


def test_a_half_signed_in_session_is_told_what_is_left() -> None:
    make_person("Hal Half", Kind.INDIVIDUAL)
    browser = Client()
    asked = {"email": "hal.half@people.example", "password": PASSWORD}
    browser.post("/account/sign-in/", asked)
    said = Program(browser)("GET /exams", status=403)

    assert said["code"] == "stepup_required"
    assert said["next"].startswith("/account/")


def _shapes(of: type[Schema]) -> Iterator[type[Schema]]:
    for shape in of.__subclasses__():
        yield shape
        yield from _shapes(shape)


def _choices(annotation: object) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for part in get_args(annotation):
        yield from _choices(part)


def _in_pieces(client: Client) -> Any:  # noqa: ANN401 (Django's test answer)
    said: dict[str, Any] = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post("/api/v1/drafts", b"{}", content_type="application/json", **said)


def _sent(client: Client, body: bytes) -> Any:  # noqa: ANN401 (Django's test answer)
    return client.post("/api/v1/drafts", body, content_type="application/json")
