"""How are several things sent in one answer? As multipart/related (RFC 2387, PS3.18 8.6)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator


def new_boundary() -> str:
    """Return a boundary that no content can hold by chance."""
    return secrets.token_hex(16)


def multipart_type(boundary: str, part_type: str) -> str:
    """Return the Content-Type of a multipart answer."""
    return f'multipart/related; type="{part_type}"; boundary={boundary}'


def part_head(boundary: str, content_type: str, length: int | None, location: str = "") -> bytes:
    """Return what stands before one part; its length is told where it is known."""
    lines = [f"--{boundary}", f"Content-Type: {content_type}"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    if location:
        lines.append(f"Content-Location: {location}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def part_end() -> bytes:
    """Return what stands after one part."""
    return b"\r\n"


def last_line(boundary: str) -> bytes:
    """Return the end of the whole answer."""
    return f"--{boundary}--\r\n".encode()


def in_parts(boundary: str, content_type: str, things: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an answer of parts that are all of one type."""
    for data in things:
        yield part_head(boundary, content_type, len(data))
        yield data
        yield part_end()
    yield last_line(boundary)
