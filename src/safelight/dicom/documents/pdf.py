"""May this PDF be kept and later be opened by someone else?

For the cage only. Not a PDF reader: it looks for the names of everything that acts
(scripts, launches, attachments, forms that send), in the file and inside its
compressed object streams, and refuses what it cannot look into.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from safelight.dicom.documents.reasons import DocumentReason, DocumentRefusedError

LARGEST: Final = 256 * 1024 * 1024
_MOST_INFLATED: Final = 64 * 1024 * 1024
_MOST_AFTER_END: Final = 1024
_HEAD: Final = re.compile(rb"%PDF-[12]\.[0-9]")
_END: Final = b"%%EOF"
# One comment may stand behind the end: the signature of papers that Safelight signed.
_SIGNED: Final = re.compile(rb"\A\s*%safelight-signature [\w-]{1,80} [0-9a-f]{128}\n")
_OBJECT_STREAM: Final = b"/ObjStm"
_MOST_ABOUT: Final = 2048
_BODY: Final = re.compile(rb"stream\r?\n")
_OTHER_FILTER: Final = re.compile(rb"/(?:ASCII85|ASCIIHex|LZW|RunLength|Crypt)")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA|GoToE|GoToR"
    rb"|Movie|Sound|Rendition)(?![A-Za-z0-9])"
)  # nothing shorter: three bytes are found by chance in the compressed pictures of a scan
_ENCRYPT: Final = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def check_pdf(data: bytes) -> None:
    """Let a harmless PDF pass.

    Raises:
        DocumentRefusedError: it is no PDF, too large, cut off, encrypted or active, or
            something follows its end.
    """
    if _HEAD.match(data) is None:
        raise DocumentRefusedError(DocumentReason.NOT_WHAT_IT_SAYS)
    if len(data) > LARGEST:
        raise DocumentRefusedError(DocumentReason.TOO_LARGE)
    end = data.rfind(_END)
    if end < 0 or b"startxref" not in data:
        raise DocumentRefusedError(DocumentReason.BROKEN)
    rest = data[end + len(_END) :]
    if len(rest) > _MOST_AFTER_END or _SIGNED.sub(b"", rest).strip(b"\r\n\t\0 "):
        raise DocumentRefusedError(DocumentReason.TRAILING)
    _check_names(data)
    left = _MOST_INFLATED
    at = data.find(_OBJECT_STREAM)
    while at >= 0:
        text = _object_stream(data, at, left)
        left -= len(text)
        _check_names(text)
        at = data.find(_OBJECT_STREAM, at + 1)


def _check_names(data: bytes) -> None:
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
    if _ENCRYPT.search(plain):
        raise DocumentRefusedError(DocumentReason.ENCRYPTED)
    disguised = plain.count(_OBJECT_STREAM) != data.count(_OBJECT_STREAM)
    if disguised or _ACTIVE.search(plain):
        raise DocumentRefusedError(DocumentReason.ACTIVE)


def _object_stream(data: bytes, at: int, most: int) -> bytes:
    """Return the text of the object stream whose dictionary names it at `at`."""
    body = _BODY.search(data, at, at + _MOST_ABOUT)
    if body is None:
        return b""
    about = data[data.rfind(b"obj", 0, at) : body.start()]
    if _OTHER_FILTER.search(about):
        raise DocumentRefusedError(DocumentReason.ACTIVE)
    end = data.find(b"endstream", body.end())
    packed = data[body.end() : end if end >= 0 else len(data)]
    if b"/FlateDecode" not in about:
        return packed[:most]
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(packed, max(most, 1))
    except zlib.error as error:
        raise DocumentRefusedError(DocumentReason.BROKEN) from error
    if inflater.unconsumed_tail:
        raise DocumentRefusedError(DocumentReason.TOO_LARGE)
    return text
