"""How does a program call the JSON API, and does every answer keep to the description?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import orjson
from django.test import Client

from cast import Person
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.tokens import Scope
from safelight.surfaces.api.description import description

ROOT = "/api/v1"
_SUCCESS = 300


@cache
def described() -> dict[str, Any]:
    return description()


class Program:
    """A client of the API; whatever it is told must be as the description says."""

    def __init__(self, browser: Client, **headers: str) -> None:
        self.browser = browser
        self.headers = headers

    def __call__(
        self,
        asked: str,
        body: object = None,
        *,
        status: int = 200,
        ids: Mapping[str, str] = MappingProxyType({}),
    ) -> Any:  # noqa: ANN401 (whatever JSON holds)
        """Ask for "METHOD /path/{id}" and return the answer's body, which must fit."""
        method, _, route = asked.partition(" ")
        path = route.partition("?")[0]
        answer = self.browser.generic(
            method,
            ROOT + route.format(**ids),
            data=b"" if body is None else _dumped(body),
            content_type="application/json",
            headers=self.headers,
        )
        assert answer.status_code == status, answer.content
        return told(method, ROOT + path, answer)


def told(method: str, path: str, answer: Any) -> Any:  # noqa: ANN401 (Django's test answer)
    """Return what an answer says, once it is as the description of its operation says."""
    operation = described()["paths"][path][method.lower()]
    documented = operation["responses"].get(str(answer.status_code))
    assert documented is not None, f"{method} {path} answered {answer.status_code}"
    kinds = documented.get("content", {})
    if not kinds:
        assert answer.content == b""
        return {}
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert kind in kinds, f"{method} {path} answered {kind}"
    if not kind.endswith("json"):
        return answer.content
    said = orjson.loads(answer.content)
    validator(_dumped(kinds[kind]["schema"])).validate(said)
    if answer.status_code >= _SUCCESS:
        code = said["code"]
        known = set(documented["x-codes"])
        assert code in known or (code.startswith("invalid:") and "invalid:<field>" in known), code
    return said


@cache
def validator(shape: bytes) -> jsonschema_rs.Draft202012Validator:
    """Return what judges one shape of the description."""
    whole = orjson.loads(shape) | {"components": described()["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


def program_of(person: Person, *scopes: Scope) -> Program:
    """Return a program with a token of this person's, for these scopes or all."""
    token = person.token
    if scopes:
        token, _ = create_token(person.account, list(scopes), at=clock.now())
    return Program(Client(), Authorization=f"Bearer {token}")


def page_of(browser: Client) -> Program:
    """Return a script of our own pages, in the session of a browser."""
    browser.get("/account/security/")
    csrf = browser.cookies["__Host-csrf"].value
    return Program(browser, **{"Origin": "http://localhost:8000", "X-CSRF-Token": csrf})


def _dumped(body: object) -> bytes:
    return orjson.dumps(body)
