"""What does every answer of every address say to the browser that gets it?

Each address by each of its methods, as a stranger and as the owner of what it names, over a
public address with TLS: who may load, frame and keep the answer, and which cookies it sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.conf import LazySettings as Settings
from django.test import Client

from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.allowances import forget
from safelight.surfaces.dicomweb.app import app
from story import Story, browser_of
from walk import API_ROOT, operations, pages, resources, services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

_PLACE = re.compile(r"{(\w+)(?::\w+)?}")
_ENDS_SESSION = frozenset({"sign-out", "end-session", "end-sessions", "not-me-here"})
_COOKIES = {"__Host-session": True, "__Host-csrf": False, "__Host-guest": True}
"""Which cookies there are, and whether scripts are kept from reading them."""
_OTHERS = frozenset({"X-Powered-By", "Server", "Access-Control-Allow-Origin", "X-XSS-Protection"})
_NOT_KEPT = re.compile(r"no-store|private|max-age=0")


@dataclass(frozen=True)
class Answer:
    """One answer: what was asked, its status, its headers."""

    asked: str
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = ()


@pytest.fixture
def answers(story: Story, settings: Settings) -> list[Answer]:
    settings.SAFELIGHT_PUBLIC_URL = "https://images.example"
    settings.ALLOWED_HOSTS = ["images.example"]
    asked = [*_api(story), *_services(story), *_pages(story)]
    assert len(asked) > 800
    return asked


def test_every_answer_says_who_may_load_frame_and_keep_it(answers: list[Answer]) -> None:
    wrong = [fault for answer in answers for fault in _faults(answer)]
    assert wrong == []
    # Were all of them refusals, that would say little. The walk is long: it is gone once.
    seen = {answer.status for answer in answers}
    assert {200, 302, 401, 403, 404, 405, 422} <= seen
    assert not [answer.asked for answer in answers if answer.status >= 500]
    assert any(answer.cookies for answer in answers)


def _faults(answer: Answer) -> Iterator[str]:
    said = {name.lower(): value for name, value in answer.headers.items()}
    policy = said.get("content-security-policy", "")
    first = f"{answer.asked} ({answer.status})"
    yield from (f"{first}: {fault}" for fault in _faults_of_policy(answer, policy))
    due = {
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }
    for name, value in due.items():
        if said.get(name) != value:
            yield f"{first}: {name} is {said.get(name)!r}"
    if said.get("referrer-policy") not in {"same-origin", "no-referrer"}:
        yield f"{first}: referrer-policy is {said.get('referrer-policy')!r}"
    kept = said.get("cache-control", "")
    if answer.status != 405 and not _NOT_KEPT.search(kept):
        yield f"{first}: may be kept by anybody on the way: {kept!r}"
    if said.get("content-type", "").startswith("text/") and "charset=utf-8" not in said[
        "content-type"
    ].lower().replace('"', ""):
        yield f"{first}: text without its alphabet"
    yield from (f"{first}: says {name}" for name in _OTHERS if name.lower() in said)
    for line in answer.cookies:
        yield from (f"{first}: {fault}" for fault in _faults_of_cookie(line))


def _faults_of_policy(answer: Answer, policy: str) -> Iterator[str]:
    """Name what a policy does not forbid; OHIF's page alone is framed (by us) and writes styles."""
    is_ohif = answer.status == 200 and answer.asked.endswith("/workplace/viewer")
    framed_by = "'self'" if is_ohif else "'none'"
    if "default-src 'none'" not in policy or f"frame-ancestors {framed_by}" not in policy:
        yield f"policy {policy!r}"
    strict = policy.replace("style-src 'self' 'unsafe-inline'", "") if is_ohif else policy
    if "unsafe-inline" in strict or "'unsafe-eval'" in policy or "http:" in policy:
        yield f"policy allows too much: {policy!r}"


def _faults_of_cookie(line: str) -> Iterator[str]:
    for name, morsel in SimpleCookie(line).items():
        if name not in _COOKIES:
            yield f"an unknown cookie {name}"
            continue
        if not morsel["secure"] or morsel["path"] != "/" or morsel["domain"]:
            yield f"{name} is not bound to this host"
        if morsel["samesite"] not in {"Lax", "Strict"}:
            yield f"{name} goes along with other sites' requests"
        if _COOKIES[name] and not morsel["httponly"]:
            yield f"{name} can be read by scripts"


def _pages(story: Story) -> Iterator[Answer]:
    for browser in (_stranger(), _owner(story)):
        for page in sorted([*pages(), *resources()], key=lambda each: each.name in _ENDS_SESSION):
            address = _PLACE.sub(lambda place: _filled(place[1], story), page.address)
            for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
                yield _of_django(browser, method, address)


def _api(story: Story) -> Iterator[Answer]:
    for browser, headers in ((_stranger(), {}), (_stranger(), story.owner.headers)):
        for asked in sorted(operations()):
            method, _, path = asked.partition(" ")
            address = API_ROOT + _PLACE.sub(lambda place: _filled(place[1], story), path[1:])
            yield _of_django(browser, method, address, headers)
        for path in sorted({each.partition(" ")[2] for each in operations()}):
            address = API_ROOT + _PLACE.sub(lambda place: _filled(place[1], story), path[1:])
            for method in ("HEAD", "OPTIONS", "TRACE"):
                yield _of_django(browser, method, address, headers)
        for path in ("nowhere", "exams/nothing/at/all"):
            yield _of_django(browser, "GET", API_ROOT + path, headers)


def _services(story: Story) -> Iterator[Answer]:
    ct = story.dataset
    ids = {
        "study": ct.StudyInstanceUID,
        "series": ct.SeriesInstanceUID,
        "instance": ct.SOPInstanceUID,
        "frames": "1",
        "path": "PixelData",
    }
    everywhere = services(app.routes).items()
    for headers in ({}, story.owner.headers):
        for path, methods in everywhere:
            address = _PLACE.sub(lambda place: str(ids.get(place[1]) or to_text(new_id())), path)
            for method in sorted((methods | {"PUT", "TRACE"}) - {"DELETE"}):
                found = story.web.request(method, address, headers=headers)
                cookies = tuple(found.headers.get_list("set-cookie"))
                yield Answer(f"{method} {path}", found.status_code, found.headers, cookies)


def _stranger() -> Client:
    return Client(raise_request_exception=False, headers={"Host": "images.example"})


def _owner(story: Story) -> Client:
    browser = browser_of(story.owner, story.code())
    browser.defaults["HTTP_HOST"] = "images.example"
    browser.raise_request_exception = False
    return browser


def _of_django(
    browser: Client, method: str, address: str, headers: Mapping[str, str] | None = None
) -> Answer:
    forget()  # the walk is no user whose haste is to be bounded
    found = browser.generic(method, address, headers=dict(headers or {}), secure=True)
    found.getvalue()  # read to its end, it closes itself
    cookies = tuple(morsel.OutputString() for morsel in found.cookies.values() if morsel.value)
    return Answer(f"{method} {address}", found.status_code, dict(found.items()), cookies)


def _filled(place: str, story: Story) -> str:
    known = {"exam_id": story.study_id, "series_id": story.series_id}
    if place in {"number", "factor"}:
        return "1"
    return to_text(known.get(place) or new_id())
