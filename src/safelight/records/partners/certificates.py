"""Which certificate is it, by its SHA-256?"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from safelight.kernel.errors import InvalidFieldError

_LONGEST: Final = 16 << 10
_BYTE: Final = 2


def one_certificate(field: str, text: str) -> str:
    """Return the one certificate of a PEM text, in its one usual form; nothing for nothing.

    Raises:
        InvalidFieldError: it holds no certificate, or more than one.
    """
    if not text.strip():
        return ""
    try:
        (found,) = x509.load_pem_x509_certificates(text[:_LONGEST].encode())
    except ValueError:
        raise InvalidFieldError(field, "Paste exactly one certificate, as PEM.") from None
    return found.public_bytes(Encoding.PEM).decode()


def fingerprint(pem: str) -> bytes:
    """Return the SHA-256 of a certificate that was taken by `one_certificate`."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return hashlib.sha256(der).digest()


def in_words(digest: bytes) -> str:
    """Write a fingerprint as people compare it: AB:CD:..."""
    text = digest.hex().upper()
    return ":".join(text[place : place + _BYTE] for place in range(0, len(text), _BYTE))
