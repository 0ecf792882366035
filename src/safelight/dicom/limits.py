"""How much may one file ask of us?

Each bound answers a known attack: deep nesting, endless elements or items,
declared lengths, inflate bombs and pixel floods. A file past a bound is refused
by name; the bounds lie far above what scanners write.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

DEPTH: Final = 32
"""Sequences within sequences."""

ELEMENTS: Final = 500_000
"""Data elements in one file, those in sequence items counted."""

ITEMS: Final = 100_000
"""Sequence items in one file."""

FRAGMENTS: Final = 500_000
"""Fragments of encapsulated pixel data: whole-slide images have one for each tile."""

KEPT_VALUE: Final = 64 * KIB
"""A longer value is only located, never kept in memory with the header."""

HEADER_BYTES: Final = 128 * MIB
"""What is read to index one header; pixel data and other long values are jumped over."""

INFLATED_BYTES: Final = 128 * MIB
"""A deflated data set, inflated. It is held in memory, hence far below other limits."""

FRAME_BYTES: Final = 512 * MIB
"""One frame, decoded."""

FRAMES: Final = 500_000
"""Frames of one instance."""

INLINE_BINARY: Final = KIB
"""A longer binary value is named by a bulk data address in the JSON model."""
