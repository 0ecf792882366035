"""Which DICOMweb address leads to which service?

The same services stand under three roots: everything the bearer may see, one share, and
one exam with the others of the same patient. Writing is possible only under the first.
"""

from __future__ import annotations

from django.db import OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route

from safelight.kernel.errors import ExpectedError
from safelight.surfaces.dicomweb.capabilities import capabilities
from safelight.surfaces.dicomweb.deleting import delete_instance, delete_series, delete_study
from safelight.surfaces.dicomweb.modes import KeepMode
from safelight.surfaces.dicomweb.problems import (
    on_database_trouble,
    on_expected,
    on_hung_up,
    on_unexpected,
    on_unknown_route,
)
from safelight.surfaces.dicomweb.qido import search_instances, search_series, search_studies
from safelight.surfaces.dicomweb.rendered import retrieve_rendered, retrieve_thumbnail
from safelight.surfaces.dicomweb.shield import Shield
from safelight.surfaces.dicomweb.stow_bodies import store_any
from safelight.surfaces.dicomweb.uploads.routes import ROUTES as UPLOADS
from safelight.surfaces.dicomweb.wado import retrieve, retrieve_bulkdata, retrieve_metadata
from safelight.surfaces.dicomweb.wado_frames import retrieve_frames
from safelight.surfaces.dicomweb.wado_uri import retrieve_by_uri

_STUDY = "/studies/{study}"
_SERIES = _STUDY + "/series/{series}"
_INSTANCE = _SERIES + "/instances/{instance}"

READING = [
    Route("/wado", retrieve_by_uri, methods=["GET"]),
    Route("/studies", search_studies, methods=["GET"]),
    Route("/series", search_series, methods=["GET"]),
    Route("/instances", search_instances, methods=["GET"]),
    Route(_STUDY, retrieve, methods=["GET"]),
    Route(_STUDY + "/metadata", retrieve_metadata, methods=["GET"]),
    Route(_STUDY + "/rendered", retrieve_rendered, methods=["GET"]),
    Route(_STUDY + "/thumbnail", retrieve_thumbnail, methods=["GET"]),
    Route(_STUDY + "/series", search_series, methods=["GET"]),
    Route(_STUDY + "/instances", search_instances, methods=["GET"]),
    Route(_SERIES, retrieve, methods=["GET"]),
    Route(_SERIES + "/metadata", retrieve_metadata, methods=["GET"]),
    Route(_SERIES + "/rendered", retrieve_rendered, methods=["GET"]),
    Route(_SERIES + "/thumbnail", retrieve_thumbnail, methods=["GET"]),
    Route(_SERIES + "/instances", search_instances, methods=["GET"]),
    Route(_INSTANCE, retrieve, methods=["GET"]),
    Route(_INSTANCE + "/metadata", retrieve_metadata, methods=["GET"]),
    Route(_INSTANCE + "/rendered", retrieve_rendered, methods=["GET"]),
    Route(_INSTANCE + "/thumbnail", retrieve_thumbnail, methods=["GET"]),
    Route(_INSTANCE + "/frames/{frames}", retrieve_frames, methods=["GET"]),
    Route(_INSTANCE + "/frames/{frames}/rendered", retrieve_rendered, methods=["GET"]),
    Route(_INSTANCE + "/frames/{frames}/thumbnail", retrieve_thumbnail, methods=["GET"]),
    Route(_INSTANCE + "/bulkdata/{path:path}", retrieve_bulkdata, methods=["GET"]),
]
WRITING = [
    Route(_STUDY, delete_study, methods=["DELETE"]),
    Route(_SERIES, delete_series, methods=["DELETE"]),
    Route(_INSTANCE, delete_instance, methods=["DELETE"]),
    Route("/studies", store_any, methods=["POST"]),
    Route(_STUDY, store_any, methods=["POST", "PUT"]),
]
ABOUT = [Route("/", capabilities([*READING, *WRITING]), methods=["OPTIONS"])]

app = Starlette(
    routes=[
        Mount("/dicomweb/shares/{share_id}", routes=READING),
        Mount("/dicomweb/exams/{exam_id}", routes=READING),
        Mount("/dicomweb", routes=[*ABOUT, *READING, *WRITING]),
        *UPLOADS,
    ],
    middleware=[Middleware(Shield), Middleware(KeepMode)],
    exception_handlers={
        ExpectedError: on_expected,
        OperationalError: on_database_trouble,
        ClientDisconnect: on_hung_up,
        404: on_unknown_route,
        405: on_unknown_route,
        Exception: on_unexpected,
    },
)
