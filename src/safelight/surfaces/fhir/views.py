"""Each address of FHIR: one call of the exchange, and its answer as a resource."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import orjson
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from safelight.exchange.access.smart import Resource
from safelight.exchange.access.volume import searched
from safelight.exchange.release.fhir.audit_events import read_audit_event, search_audit_events
from safelight.exchange.release.fhir.consents import read_consent, search_consents
from safelight.exchange.release.fhir.documents import (
    read_diagnostic_report,
    read_document_reference,
    search_diagnostic_reports,
    search_document_references,
)
from safelight.exchange.release.fhir.imaging_studies import (
    read_imaging_study,
    search_imaging_studies,
)
from safelight.exchange.release.fhir.patients import read_patient, search_patients
from safelight.exchange.release.fhir.sought import Page
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.surfaces.fhir.bundles import searchset
from safelight.surfaces.fhir.callers import reader
from safelight.surfaces.fhir.capability import capability_statement
from safelight.surfaces.fhir.parameters import check_format, read_question
from safelight.surfaces.fhir.problems import (
    MEDIA_TYPE,
    BusyError,
    FaultError,
    NotAcceptableError,
    OnlyReadingError,
    logger,
    outcome,
)

_View = Callable[..., HttpResponse]
_READS: Final = frozenset({"GET", "HEAD"})
_TAKEN: Final = (MEDIA_TYPE, "application/json")


_READ: Final[dict[Resource, Callable[..., dict[str, Any]]]] = {
    Resource.PATIENT: read_patient,
    Resource.IMAGING_STUDY: read_imaging_study,
    Resource.DIAGNOSTIC_REPORT: read_diagnostic_report,
    Resource.DOCUMENT_REFERENCE: read_document_reference,
    Resource.CONSENT: read_consent,
    Resource.AUDIT_EVENT: read_audit_event,
}
_SEARCH: Final[dict[Resource, Callable[..., Page]]] = {
    Resource.PATIENT: search_patients,
    Resource.IMAGING_STUDY: search_imaging_studies,
    Resource.DIAGNOSTIC_REPORT: search_diagnostic_reports,
    Resource.DOCUMENT_REFERENCE: search_document_references,
    Resource.CONSENT: search_consents,
    Resource.AUDIT_EVENT: search_audit_events,
}


def _said(view: _View) -> _View:
    """Let a view only read, and say whatever goes wrong as an OperationOutcome."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            _check(request)
            return view(request, **named)
        except ExpectedError as error:
            return outcome(error)
        except OperationalError as error:
            logger.error("the database failed: %s", type(error).__name__)
            return outcome(BusyError())
        except Exception as error:  # noqa: BLE001 (a client is answered, whatever it is)
            logger.error("a request failed: %s", type(error).__name__)
            return outcome(FaultError())

    return answer


def _check(request: HttpRequest) -> None:
    if request.method not in _READS:
        raise OnlyReadingError
    if not any(request.accepts(kind) for kind in _TAKEN):
        raise NotAcceptableError
    check_format(request.GET)


@_said
def metadata(_request: HttpRequest) -> HttpResponse:
    """Say what can be asked here, to anybody."""
    return _json(capability_statement())


def search_of(resource: Resource) -> _View:
    """Return the view that searches one kind of resource."""

    @_said
    def search(request: HttpRequest) -> HttpResponse:
        at = clock.now()
        party = reader(request, resource, at=at)
        sought = read_question(resource, request.GET)
        searched(party, at=at)
        page = _SEARCH[resource](party, sought, at=at)
        return _json(searchset(resource, request.GET, sought, page))

    return search


def read_of(resource: Resource) -> _View:
    """Return the view that reads one resource of a kind."""

    @_said
    def read(request: HttpRequest, **named: str) -> HttpResponse:
        at = clock.now()
        party = reader(request, resource, at=at)
        (identity,) = named.values()
        return _json(_READ[resource](party, identity, at=at))

    return read


@_said
def nothing(_request: HttpRequest, **_named: str) -> HttpResponse:
    """Answer an address that is none like a resource that does not exist."""
    raise NotFoundError


def _json(said: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(said), content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    return response
