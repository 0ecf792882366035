"""How is a paper signed, so that one changed byte shows?

The signature covers every byte of the file before its own line, which is the last. What
stands between the PDF's end and that line repeats where its table is, so that readers of
PDF find it at the end, where they look.
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any, Final

import orjson

from safelight.exchange.consent.record import (
    all_consent_keys,
    consent_keys_beside,
    consent_signer,
    first_consent_key,
)
from safelight.exchange.release.papers.verify_receipt import Paper, open_paper
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.signing import is_signed

_TABLE_AT: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_LINE: Final = 76


def sign_paper(pdf: bytes, proof: dict[str, Any] | None = None, *, inclusion: bytes = b"") -> bytes:
    """Sign a PDF, with the record that goes along, if any.

    `inclusion` is the proof file of a report's lines.

    Raises:
        ValueError: the bytes are not a PDF that ends as one.
    """
    table = _TABLE_AT.search(pdf)
    if table is None:
        raise ValueError("this is not a whole PDF")
    signer = consent_signer()
    written = pdf.rstrip() + b"\n%safelight-paper/1\n"
    if proof is not None:
        written += _commented(b"%record ", orjson.dumps(proof, option=orjson.OPT_SORT_KEYS))
    if inclusion:
        written += _commented(b"%proof ", zlib.compress(inclusion))
    listed = consent_keys_beside()
    if listed:
        written += _commented(b"%keys ", listed.encode())
    written += b"startxref\n" + table[1] + b"\n%%EOF\n"
    last = f"%safelight-signature {signer.name} {signer.sign(written).hex()}\n"
    return written + last.encode()


def _commented(mark: bytes, content: bytes) -> bytes:
    encoded = base64.b64encode(content)
    starts = range(0, len(encoded), _LINE)
    return b"".join(mark + encoded[start : start + _LINE] + b"\n" for start in starts)


def paper_key() -> str:
    """Return the key to verify papers with, as text. It is public.

    It is the first of its line; a paper that a later one signed carries the list.
    """
    return first_consent_key()


def paper_keys() -> str:
    """Return all keys that papers were ever signed with, each endorsed by the one before."""
    return all_consent_keys()


def check_paper(data: bytes) -> Paper:
    """Check a paper of this very instance.

    Raises:
        NotAsSignedError: it is not what this instance signed.
    """
    return open_paper(data, PublicKey.parse(paper_keys(), is_signed))
