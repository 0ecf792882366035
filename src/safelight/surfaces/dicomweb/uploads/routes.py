"""Which upload address leads to which service?"""

from __future__ import annotations

from starlette.routing import Route

from safelight.surfaces.dicomweb.uploads import batches, parcels, tus

_ONE = "/uploads/{upload}"
_LINK = "/uploads/by-link/{link_id}"
_OF_LINK = _LINK + "/{upload}"

ROUTES = [
    Route("/uploads/batches", batches.open_batch, methods=["POST"]),
    Route("/uploads/batches/unfinished", batches.list_unfinished, methods=["GET"]),
    Route("/uploads/batches/{batch}/finish", batches.finish_batch, methods=["POST"]),
    Route("/uploads/known", batches.tell_known, methods=["POST"]),
    Route("/uploads", tus.say_abilities, methods=["OPTIONS"]),
    Route("/uploads", tus.create, methods=["POST"]),
    Route(_ONE + "/verdicts", tus.tell_verdicts, methods=["GET"]),
    # Starlette answers HEAD wherever GET is served; tus asks by HEAD.
    Route(_ONE, tus.tell_offset, methods=["HEAD"]),
    Route(_ONE, tus.add, methods=["PATCH"]),
    Route(_ONE, tus.forget, methods=["DELETE"]),
    Route(_LINK + "/batches", parcels.open_parcel, methods=["POST"]),
    Route(_LINK + "/batches/unfinished", parcels.list_coming, methods=["GET"]),
    Route(_LINK + "/batches/{parcel_id}/finish", parcels.close_parcel, methods=["POST"]),
    Route(_LINK, tus.create, methods=["POST"]),
    Route(_OF_LINK + "/verdicts", tus.tell_verdicts, methods=["GET"]),
    Route(_OF_LINK, tus.tell_offset, methods=["HEAD"]),
    Route(_OF_LINK, tus.add, methods=["PATCH"]),
    Route(_OF_LINK, tus.forget, methods=["DELETE"]),
]
