"""In what form do models of data sets leave: as JSON or as XML, packed or not? (PS3.18 8.7.3.2)"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.writing.native_model import native_model
from safelight.surfaces.dicomweb.accept import NotAcceptableError, Wanted, covers, wanted
from safelight.surfaces.dicomweb.answering import PRIVATE
from safelight.surfaces.dicomweb.parts import in_parts, multipart_type, new_boundary

JSON: Final = "application/dicom+json"
XML: Final = "application/dicom+xml"
_PLAIN_JSON: Final = "application/json"
_WORTH_PACKING: Final = 1024
_QUICKLY: Final = 1
_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class ModelForm:
    """The form in which a caller takes models: an array in JSON, or XML, bare or in parts."""

    media_type: str
    boundary: str = ""

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self.media_type != XML

    @property
    def content_type(self) -> str:
        """What the answer says of itself."""
        return multipart_type(self.boundary, XML) if self.boundary else self.media_type

    def written(self, models: Iterable[dict[str, Any]], *, bulk_root: str = "") -> Iterator[bytes]:
        """Yield models as XML, each as soon as it is written."""
        things = (native_model(model, bulk_root=bulk_root) for model in models)
        return in_parts(self.boundary, XML, things) if self.boundary else things


def choose_form(request: Request, *, one: bool = False) -> ModelForm:
    """Return the form in which the caller takes models best; `one` says that there is only one.

    Several XML documents are sent in parts; a single one also bare.

    Raises:
        NotAcceptableError: in none of ours.
    """
    for each in wanted(request):
        found = _form(each, one=one)
        if found is not None:
            return found
    raise NotAcceptableError


def _form(each: Wanted, *, one: bool) -> ModelForm | None:
    for media_type in (JSON, _PLAIN_JSON):
        if covers(each.media_type, media_type):
            return ModelForm(media_type)
    if each.media_type == XML:
        return ModelForm(XML) if one else None
    in_parts = each.media_type in {"multipart/related", "multipart/*"}
    if in_parts and (not each.part_type or covers(each.part_type, XML)):
        return ModelForm(XML, new_boundary())
    return None


def takes_gzip(request: Request) -> bool:
    """Say whether the caller can unpack gzip."""
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces as one stream of gzip."""
    packer = zlib.compressobj(_QUICKLY, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        if done := packer.compress(piece):
            yield done
    yield packer.flush()


def models_answer(request: Request, models: Sequence[dict[str, Any]], form: ModelForm) -> Response:
    """Return an answer of models; empty where there are none. Packing takes its time."""
    headers = PRIVATE | {"Vary": "Accept, Accept-Encoding"}
    if not models:
        return Response(b"", headers=headers, media_type=form.content_type)
    body = orjson.dumps(models) if form.is_json else b"".join(form.written(models))
    if len(body) >= _WORTH_PACKING and takes_gzip(request):
        body = gzip.compress(body, _QUICKLY, mtime=0)
        headers |= {"Content-Encoding": "gzip"}
    return Response(body, headers=headers, media_type=form.content_type)
