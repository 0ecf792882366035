"""What is this object, and what of it is kept?

The header is indexed and checked before anything is believed; then the bytes
are sealed into a pack, under a key of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from safelight.dicom.json.model import Model, to_json
from safelight.dicom.json.summary import search_facts
from safelight.dicom.pixels.frames import FrameTable, frame_table
from safelight.dicom.reading.digest import dataset_digest
from safelight.dicom.reading.index import Header, index
from safelight.dicom.registry.tags import BITS_ALLOCATED
from safelight.dicom.registry.transfer_syntaxes import transfer_syntax
from safelight.dicom.source import Source
from safelight.exchange.receive.verdicts import Names
from safelight.kernel.ids import new_id
from safelight.platform.storage.layout import Packing, pack_object
from safelight.platform.storage.record import new_object_key
from safelight.records.imaging.answers import packed_model
from safelight.records.imaging.arrivals import Arrival, Marks
from safelight.records.imaging.cards import Card
from safelight.records.imaging.store import writer


@dataclass(frozen=True, slots=True)
class Looked:
    """One object whose structure is sound."""

    header: Header
    frames: FrameTable
    digest: bytes
    model: Model
    names: Names


def look_over(source: Source) -> Looked:
    """Read what an object says of itself.

    Raises:
        UnreadableError: it is not one that can be kept and shown, and why.
    """
    header = index(source)
    return Looked(
        header,
        frame_table(header, source),
        dataset_digest(header, source),
        to_json(header),
        Names(
            header.sop_class_uid,
            header.sop_instance_uid,
            header.study_instance_uid,
            header.series_instance_uid,
        ),
    )


def packed(looked: Looked, source: Source, marks: Marks) -> Arrival:
    """Seal an object into the pack. Not yet durable.

    Raises:
        StorageFullError: there is no room; nothing was kept.
    """
    header, names = looked.header, looked.names
    instance_id, key = new_id(), new_object_key()
    packing = _packing(header, source, looked.frames)
    place = writer().append(object_id=instance_id, key=key, pieces=packing)
    facts = search_facts(looked.model)
    card = Card(
        sop_class_uid=names.sop_class_uid,
        sop_instance_uid=names.sop_instance_uid,
        series_instance_uid=names.series_instance_uid,
        study_instance_uid=names.study_instance_uid,
        transfer_syntax=header.transfer_syntax,
        size=source.size,
        dataset_offset=header.dataset_offset,
        dataset_size=header.data_size,
        digest=looked.digest.hex(),
        number=facts.instance_number,
        frames=tuple(
            tuple((piece.offset, piece.length) for piece in frame) for frame in looked.frames.frames
        ),
        layout=packing.layout.to_bytes(),
    )
    return Arrival(
        instance_id=instance_id,
        marks=marks,
        key=key,
        place=place,
        card=card,
        packed_model=packed_model(looked.model),
        facts=facts,
    )


def _packing(header: Header, source: Source, frames: FrameTable) -> Packing:
    """Let native frames be compressed one by one; everything else is kept as it is."""
    syntax = transfer_syntax(header.transfer_syntax)
    if header.pixels is None or header.pixels.encapsulated or syntax.deflated:
        return pack_object(source)
    allocated = header.integer(BITS_ALLOCATED) or 8
    return pack_object(source, _apart(frames), sample_bytes=max(1, allocated // 8))


def _apart(frames: FrameTable) -> Iterator[tuple[int, int]]:
    """Yield each frame's (offset, length) less what the frame before shares with it.

    Frames that begin inside a byte or a swapped word overlap by it.
    """
    reached = 0
    for frame in frames.frames:
        for offset, length in frame:
            start, stop = max(offset, reached), offset + length
            if stop > start:
                yield start, stop - start
                reached = stop
