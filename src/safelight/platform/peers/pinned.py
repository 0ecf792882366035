"""How is a connection made to the one server whose certificate is known?

Whoever signed it does not count, its SHA-256 does. It is compared as soon as the hands are
shaken: nothing of ours is sent to a server with another one.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Collection


class _Pinned(ssl.SSLSocket):
    """A connection that ends by itself where the server is not the one that is known."""

    pins: Collection[bytes] = ()

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 (the library's)
        """Shake hands, and look whose they are.

        Raises:
            SSLCertVerificationError: it is another certificate.
        """
        super().do_handshake(block)
        shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").digest()
        if not any(hmac.compare_digest(shown, each) for each in self.pins):
            self.close()
            raise ssl.SSLCertVerificationError("another certificate than the one that is known")


def pinned_context(pins: Collection[bytes], cert: str = "", key: str = "") -> ssl.SSLContext:
    """Return a context that talks to servers with one of these certificates alone.

    `cert` and `key` are files: what we show of ourselves where a server asks for it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The certificate itself is compared: no name and no authority says more than that.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = type("Pinned", (_Pinned,), {"pins": tuple(pins)})
    if cert:
        context.load_cert_chain(cert, key or None)
    return context
