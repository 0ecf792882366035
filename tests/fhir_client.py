"""How does a FHIR client ask, and is each answer a resource by another's idea of FHIR?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.test import Client
from fhir.resources.R4B import get_fhir_model_class

from cast import Person
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.tokens import Scope

ROOT: Final = "/fhir/"
HERE: Final = "http://localhost:8000/fhir/"


@dataclass(frozen=True)
class FhirClient:
    """A program with a token; whatever it is told is checked."""

    headers: dict[str, str]

    def __call__(self, path: str, *, status: int = 200) -> dict[str, Any]:
        """Ask for a path below the root, and return the resource."""
        answer = Client().get(ROOT + path, headers=self.headers)
        assert answer.status_code == status, (path, answer.status_code, answer.content)
        assert answer["Content-Type"] == "application/fhir+json"
        assert answer["Cache-Control"] == "no-store"
        return checked(answer.content)

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """Follow the pages of a search and yield every resource."""
        while path:
            bundle = self(path)
            yield from (each["resource"] for each in bundle.get("entry", []))
            ways = {each["relation"]: each["url"] for each in bundle["link"]}
            path = ways.get("next", "").removeprefix(HERE)

    def ids(self, path: str) -> list[str]:
        return [each["id"] for each in self.all(path)]

    def issue(self, path: str, status: int) -> dict[str, Any]:
        """Ask for what is refused, and return why."""
        said = self(path, status=status)
        assert said["resourceType"] == "OperationOutcome"
        issue: dict[str, Any] = said["issue"][0]
        return issue


def client_of(person: Person, *scopes: str) -> FhirClient:
    """Return a program with a token of this person's, for these scopes or for all of FHIR."""
    wanted = [Scope(each) for each in scopes or ("user/*.read",)]
    token, _ = create_token(person.account, wanted, at=clock.now())
    return FhirClient({"Authorization": f"Bearer {token}"})


def checked(answer: bytes) -> dict[str, Any]:
    """Return a resource, once the library took it and everything that it contains."""
    said: dict[str, Any] = json.loads(answer)
    get_fhir_model_class(said["resourceType"]).model_validate_json(answer)
    return said
