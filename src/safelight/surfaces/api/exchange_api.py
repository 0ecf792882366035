"""What does the JSON API consist of?"""

from __future__ import annotations

from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from safelight.kernel.errors import ExpectedError
from safelight.surfaces.api import problems
from safelight.surfaces.api.activity import router as activity
from safelight.surfaces.api.caring import router as caring
from safelight.surfaces.api.consents import router as consents
from safelight.surfaces.api.copies import router as copies
from safelight.surfaces.api.desk_care import router as desk_care
from safelight.surfaces.api.desk_claims import router as desk_claims
from safelight.surfaces.api.desk_deaths import router as desk_deaths
from safelight.surfaces.api.drafts import router as drafts
from safelight.surfaces.api.emergencies import router as emergencies
from safelight.surfaces.api.exams import router as exams
from safelight.surfaces.api.forms import Json, JsonBody
from safelight.surfaces.api.groups import router as groups
from safelight.surfaces.api.handovers import router as handovers
from safelight.surfaces.api.onward import router as onward
from safelight.surfaces.api.own_records import router as own_records
from safelight.surfaces.api.papers import router as papers
from safelight.surfaces.api.parcels import router as parcels
from safelight.surfaces.api.registries import router as registries
from safelight.surfaces.api.representatives import router as representatives
from safelight.surfaces.api.signed_papers import router as signed_papers
from safelight.surfaces.api.signing import router as signing
from safelight.surfaces.api.upload_links import router as upload_links
from safelight.surfaces.api.verifying import router as verifying
from safelight.surfaces.api.ways_in import router as ways_in


class _Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name by which a program may call an operation."""
        return operation.view_func.__name__


def _made() -> NinjaAPI:
    made = _Api(
        title="Safelight",
        version="1",
        description=(
            "The exchange for programs: what you may see, whom you let see, and what became of it. "
            "A program may prepare a share and show its words; signing asks the person for both "
            "factors in the same request. Every refusal is a problem (RFC 9457) with a stable code."
        ),
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        renderer=Json(),
        parser=JsonBody(),
    )
    for tag, router in {
        "exams": exams,
        "caring": caring,
        "activity": activity,
        "consents": consents,
        "ways in": ways_in,
        "drafts": drafts,
        "copies without a name": copies,
        "signing": signing,
        "passing on": onward,
        "groups": groups,
        "registries": registries,
        "representatives": representatives,
        "verifying": verifying,
        "papers": papers,
        "who treats whom": desk_care,
        "records handed over": desk_claims,
        "notices of death": desk_deaths,
        "emergencies": emergencies,
        "own records": own_records,
        "signed on paper": signed_papers,
        "sending by a link": upload_links,
        "what was sent": parcels,
        "between two Safelights": handovers,
    }.items():
        made.add_router("", router, tags=[tag])
    made.add_exception_handler(ExpectedError, problems.on_expected)
    made.add_exception_handler(ValidationError, problems.on_unfit)
    made.add_exception_handler(HttpError, problems.on_refused)
    made.add_exception_handler(Http404, problems.on_refused)
    made.add_exception_handler(Exception, problems.on_unexpected)
    return made


api = _made()
