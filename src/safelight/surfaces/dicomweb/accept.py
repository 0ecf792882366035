"""Which of the forms we have does the caller want? (RFC 9110 12.5.1, PS3.18 8.7)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from safelight.kernel.errors import ExpectedError

# Names from before a media type was registered, which clients still use.
_OTHER_NAMES: Final = {
    "image/x-jls": "image/jls",
    "image/x-dicom-rle": "image/dicom-rle",
    "image/jhc": "image/jphc",
}
_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class NotAcceptableError(ExpectedError):
    """None of the media types asked for can be given."""

    code = "not_acceptable"
    status = HTTPStatus.NOT_ACCEPTABLE


@dataclass(frozen=True, slots=True)
class Wanted:
    """One media range of an Accept header, with its parameters, quoted or not."""

    media_type: str
    part_type: str
    transfer_syntax: str
    quality: float


def wanted(request: Request) -> list[Wanted]:
    """Return what the caller accepts, the best first; `*/*` when nothing was said."""
    header = ", ".join(
        [*request.query_params.getlist("accept"), *request.headers.getlist("accept")]
    )
    return ranges_in(header or "*/*")


def ranges_in(text: str) -> list[Wanted]:
    """Return the media ranges of one list, the best first."""
    ranges = sorted(_ranges(text), key=lambda each: -each.quality)
    return [each for each in ranges if each.quality > 0]


def covers(media_range: str, media_type: str) -> bool:
    """Say whether a media range such as `image/*` takes a media type."""
    if media_range in {"*/*", media_type}:
        return True
    return media_range.endswith("/*") and media_type.startswith(media_range[:-1])


def choose(request: Request, offered: list[str]) -> str:
    """Return the first of our media types that the caller takes.

    Raises:
        NotAcceptableError: none of them.
    """
    for each in wanted(request):
        for media_type in offered:
            if covers(each.media_type, media_type):
                return media_type
    raise NotAcceptableError


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which the caller takes things: bare or in a multipart answer.

    `media_type` and `transfer_syntax` are "" where any will do; `either` says that
    bare or in parts is the same to the caller, who takes what usually comes.
    """

    single: bool
    media_type: str
    transfer_syntax: str
    either: bool = False

    @property
    def in_parts(self) -> bool:
        """Whether the caller asks for parts, rather than taking whatever comes."""
        return not self.single and not self.either


def forms(request: Request, *media_types: str) -> list[Form]:
    """Return in which forms the caller takes things of our media types, the best first.

    Raises:
        NotAcceptableError: in none.
    """
    found = [form for each in wanted(request) if (form := _form(each, media_types)) is not None]
    if not found:
        raise NotAcceptableError
    return found


def _form(each: Wanted, media_types: tuple[str, ...]) -> Form | None:
    syntax = "" if each.transfer_syntax == "*" else each.transfer_syntax
    if each.media_type in {"*/*", "multipart/*"}:
        return Form(False, "", syntax, each.media_type == "*/*")
    single = each.media_type != "multipart/related"
    media_type = each.media_type if single else each.part_type
    if media_type in {"", "*/*"}:
        return Form(single, "", syntax)
    if media_type in media_types:
        return Form(single, media_type, syntax)
    if any(covers(media_type, offered) for offered in media_types):
        return Form(single, "", syntax)
    return None


def _ranges(header: str) -> Iterator[Wanted]:
    for part in _split(header):
        media_type, options = parse_options_header(part)
        # Header bytes are Latin-1; what is not ASCII matches nothing of ours.
        values = {
            key.decode("latin-1").lower(): value.decode("latin-1") for key, value in options.items()
        }
        if not media_type:
            continue
        named = media_type.decode("latin-1").lower()
        part_type = values.get("type", "").lower()
        yield Wanted(
            media_type=_OTHER_NAMES.get(named, named),
            part_type=_OTHER_NAMES.get(part_type, part_type),
            transfer_syntax=values.get("transfer-syntax", ""),
            quality=_quality(values.get("q", "1")),
        )


def _quality(text: str) -> float:
    """Read a weight from 0 to 1; what is none weighs nothing (RFC 9110 12.4.2)."""
    return float(text) if _WEIGHT.fullmatch(text.strip()) else 0.0


def _split(header: str) -> Iterator[str]:
    """Split at commas outside quotes."""
    start, quoted = 0, False
    for position, letter in enumerate(header):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            yield header[start:position].strip()
            start = position + 1
    yield header[start:].strip()
