"""How is a data set encoded? (PS3.5 section 10, PS3.6 annex A)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from safelight.dicom.registry.dictionary import TRANSFER_SYNTAXES

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS: Final = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"
JPEG_2000: Final = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS: Final = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL: Final = "1.2.840.10008.1.2.4.202"
HTJ2K: Final = "1.2.840.10008.1.2.4.203"
RLE_LOSSLESS: Final = "1.2.840.10008.1.2.5"
ENCAPSULATED_PLAIN: Final = "1.2.840.10008.1.2.1.98"
"""Frames as they are, each in a fragment (PS3.5 section A.4.11)."""
DEFLATED_FRAME: Final = "1.2.840.10008.1.2.8.1"
"""Frames deflated each on its own (PS3.5 section A.4.13)."""

_IMPLICIT: Final = frozenset({IMPLICIT_LITTLE, "1.2.840.10008.1.20", "1.2.840.113619.5.2"})
_NATIVE: Final = _IMPLICIT | {EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED}
_JPIP: Final = "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204"
_DEFLATED: Final = frozenset({DEFLATED, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_VIDEO: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSyntax:
    """One transfer syntax and what it says about the bytes."""

    uid: str
    name: str
    explicit: bool
    little_endian: bool
    encapsulated: bool
    deflated: bool
    video: bool


_DECODED: Final = frozenset(
    {
        JPEG_BASELINE,
        JPEG_EXTENDED,
        JPEG_LOSSLESS,
        JPEG_LOSSLESS_SV1,
        JPEG_LS_LOSSLESS,
        JPEG_LS_NEAR_LOSSLESS,
        JPEG_2000_LOSSLESS,
        JPEG_2000,
        HTJ2K_LOSSLESS,
        HTJ2K_LOSSLESS_RPCL,
        HTJ2K,
        RLE_LOSSLESS,
        ENCAPSULATED_PLAIN,
        DEFLATED_FRAME,
    }
)


def is_known(uid: str) -> bool:
    """Say whether PS3.6 registers `uid` as a transfer syntax."""
    return uid in TRANSFER_SYNTAXES


@lru_cache(maxsize=128)
def transfer_syntax(uid: str) -> TransferSyntax:
    """Return what is known of a transfer syntax.

    An unknown one is taken for explicit, little endian and encapsulated, which
    PS3.5 section A.4 asks of every syntax added since.
    """
    video = uid.startswith(_VIDEO)
    return TransferSyntax(
        uid=uid,
        name=TRANSFER_SYNTAXES.get(uid, "Unknown transfer syntax"),
        explicit=uid not in _IMPLICIT,
        little_endian=uid != EXPLICIT_BIG,
        encapsulated=uid not in _NATIVE | _DEFLATED and uid not in _JPIP,
        deflated=uid in _DEFLATED,
        video=video,
    )


def can_be_decoded(uid: str) -> bool:
    """Say whether there is a codec here for frames in this transfer syntax."""
    return uid in _DECODED or not transfer_syntax(uid).encapsulated
