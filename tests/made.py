"""Every object made for the occasion, as samples beside the ones that libraries bring."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from made_compressed import compressed_images, undecodable
from made_documents import documents
from made_images import Array, as_file, native_images
from objects import uid
from safelight.dicom.registry import transfer_syntaxes as syntax
from samples import Sample

_NATIVE = {
    "implicit": syntax.IMPLICIT_LITTLE,
    "explicit": syntax.EXPLICIT_LITTLE,
    "big": syntax.EXPLICIT_BIG,
    "deflated": syntax.DEFLATED,
}
_IN_EVERY_SYNTAX = frozenset({"one-bit", "odd", "twelve", "thirty-two", "float", "palette", "ybr"})


@cache
def made_files() -> tuple[Sample, ...]:
    """Return one sample of every kind, form and transfer syntax."""
    return tuple(_all())


def _all() -> Iterator[Sample]:
    for name, made in native_images():
        for number, (written, syntax_uid) in enumerate(_NATIVE.items()):
            if written == "explicit" or name in _IN_EVERY_SYNTAX:
                made.SOPInstanceUID = uid(900, 1, 1000 + int(made.InstanceNumber), number + 1)
                yield Sample(Path(f"{name}-{written}"), as_file(made, syntax_uid))
    for name, data, _ in compressed_images():
        yield Sample(Path(name), data)
    for name, data, twin in undecodable():
        yield Sample(Path(name), data, twin)
    for name, data in documents():
        yield Sample(Path(name), data)


def frames_that_went_in() -> dict[str, list[Array]]:
    """Return the frames of the images whose codec loses nothing, by name."""
    return {name: frames for name, _, frames in compressed_images() if frames is not None}
