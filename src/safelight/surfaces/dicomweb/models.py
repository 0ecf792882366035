"""In what form do DICOM JSON models leave: as JSON, packed or not? (PS3.18 8.7.3.2, annex F)"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from safelight.surfaces.dicomweb.accept import choose
from safelight.surfaces.dicomweb.answering import PRIVATE

JSON: Final = "application/dicom+json"
_PLAIN_JSON: Final = "application/json"
_WORTH_PACKING: Final = 1024
_QUICKLY: Final = 1


def choose_model_type(request: Request) -> str:
    """Return the media type in which the caller takes models.

    Raises:
        NotAcceptableError: in none of ours.
    """
    return choose(request, [JSON, _PLAIN_JSON])


def takes_gzip(request: Request) -> bool:
    """Say whether the caller can unpack gzip."""
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def models_answer(request: Request, models: Sequence[dict[str, Any]], media_type: str) -> Response:
    """Return an answer of models; empty where there are none. Packing takes its time."""
    headers = PRIVATE | {"Vary": "Accept, Accept-Encoding"}
    if not models:
        return Response(b"", headers=headers, media_type=media_type)
    body = orjson.dumps(models)
    if len(body) >= _WORTH_PACKING and takes_gzip(request):
        body = gzip.compress(body, _QUICKLY, mtime=0)
        headers |= {"Content-Encoding": "gzip"}
    return Response(body, headers=headers, media_type=media_type)
