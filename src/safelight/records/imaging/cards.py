"""What must be known of one stored object to give it out again, byte for byte?"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from uuid import UUID

import orjson

from safelight.platform.keys.cipher import seal, unseal


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The facts of one object, sealed beside its row.

    `size` counts the bytes as they came in, `dataset_offset` and `dataset_size`
    where the data set lies in them, `frames` each frame's pieces as (offset, length), `layout`
    the table that leads from those bytes to the packed ones.
    """

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    transfer_syntax: str
    size: int
    dataset_offset: int
    dataset_size: int
    digest: str
    number: int | None
    frames: tuple[tuple[tuple[int, int], ...], ...]
    layout: bytes


def seal_card(card: Card, *, study_key: bytes, instance_id: UUID) -> bytes:
    """Seal a card to its instance under the study key."""
    data = {
        "class": card.sop_class_uid,
        "sop": card.sop_instance_uid,
        "series": card.series_instance_uid,
        "study": card.study_instance_uid,
        "ts": card.transfer_syntax,
        "size": card.size,
        "start": card.dataset_offset,
        "set": card.dataset_size,
        "digest": card.digest,
        "number": card.number,
        "frames": card.frames,
        "layout": b64encode(card.layout).decode(),
    }
    return seal(study_key, orjson.dumps(data), bound_to=f"card|{instance_id}")


def open_card(sealed: bytes, *, study_key: bytes, instance_id: UUID) -> Card:
    """Open a card. Raises SealBrokenError when it is not this instance's."""
    data = orjson.loads(unseal(study_key, sealed, bound_to=f"card|{instance_id}"))
    return Card(
        sop_class_uid=data["class"],
        sop_instance_uid=data["sop"],
        series_instance_uid=data["series"],
        study_instance_uid=data["study"],
        transfer_syntax=data["ts"],
        size=data["size"],
        dataset_offset=data["start"],
        dataset_size=data["set"],
        digest=data["digest"],
        number=data["number"],
        frames=tuple(tuple((o, n) for o, n in frame) for frame in data["frames"]),
        layout=b64decode(data["layout"]),
    )
