"""Is what leaves this machine encrypted, with a certificate that holds?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from safelight.surfaces.cli.doctor.checked import Checked
from safelight.surfaces.cli.standing import Standing, standing_of

_RENEW = timedelta(days=21)
_PATIENCE = 5.0  # seconds
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (where to ask, not to listen)


def examine(data: Path) -> Iterator[Checked]:
    """Look at the public URL, the certificate's files, and the port if it is served now."""
    from django.conf import settings

    url = urlsplit(settings.SAFELIGHT_PUBLIC_URL)
    here = url.hostname in {"localhost", "127.0.0.1", "::1"}
    yield Checked(
        "the public URL is https"
        if url.scheme == "https"
        else "the public URL is for this machine",
        url.scheme == "https" or here,
        f"set public_url to https://... in {data / 'safelight.toml'}",
    )
    standing = standing_of(data)
    cert = (standing.tls_cert if standing else "") or settings.SAFELIGHT_TLS_CERT
    if cert:
        yield from _files(Path(cert), standing, url.hostname or "")
    if standing is not None and standing.tls_cert:
        yield _handshake(standing)
        yield _old_handshake(standing)


def _files(cert: Path, standing: Standing | None, host: str) -> Iterator[Checked]:
    from safelight.kernel import clock
    from safelight.surfaces.cli.tls import context_of

    try:
        chain = x509.load_pem_x509_certificates(cert.read_bytes())
    except (OSError, ValueError) as error:
        yield Checked(
            f"the certificate {cert}", False, f"it cannot be read: {type(error).__name__}"
        )
        return
    leaf = chain[0]
    left = leaf.not_valid_after_utc - clock.now()
    yield Checked(
        f"the certificate is good for {max(left.days, 0)} more days", left > _RENEW, "renew it now"
    )
    yield Checked(
        f"the certificate names {host}",
        _names(leaf, host),
        "ask for one with the host of public_url among its subject alternative names",
    )
    is_own = leaf.issuer == leaf.subject
    yield Checked(
        "the certificate's chain is complete" if not is_own else "the certificate is self-signed",
        not is_own and all(one.issuer == two.subject for one, two in pairwise(chain)),
        "use one that browsers trust, followed in its file by the authorities in between",
    )
    if standing is not None and standing.tls_key:
        try:
            context_of(cert, Path(standing.tls_key))
        except OSError:
            yield Checked("the certificate and its key", False, "they do not belong together")
        else:
            yield Checked("the certificate and its key belong together", good=True)
        key = Path(standing.tls_key)
        yield Checked(
            "only its owner reads the certificate's key",
            not key.stat().st_mode & 0o077,
            f"chmod 600 {key}",
        )


def _names(leaf: x509.Certificate, host: str) -> bool:
    try:
        named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    known = {name.lower() for name in named.get_values_for_type(x509.DNSName)}
    known |= {str(each) for each in named.get_values_for_type(x509.IPAddress)}
    return host in known or "*." + host.partition(".")[2] in known


def _handshake(standing: Standing) -> Checked:
    """Shake hands with what listens now."""
    try:
        version, suite = _shaken(standing, _anything())
    except OSError as error:
        return Checked("the encrypted port", False, f"it does not answer: {type(error).__name__}")
    return Checked(
        f"the encrypted port speaks {version} with {suite}",
        version in {"TLSv1.2", "TLSv1.3"} and any(good in suite for good in ("GCM", "CHACHA20")),
        "something older than TLS 1.2 listens there",
    )


def _old_handshake(standing: Standing) -> Checked:
    """Ask as a client does that knows nothing newer than TLS 1.1; it must be refused."""
    context = _anything()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    try:
        version, _ = _shaken(standing, context)
    except OSError:
        return Checked("the encrypted port refuses what is older than TLS 1.2", good=True)
    return Checked(f"the encrypted port still speaks {version}", False, "put nothing before it")


def _anything() -> ssl.SSLContext:
    # Who answers was seen in the file; here it matters only how.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _shaken(standing: Standing, context: ssl.SSLContext) -> tuple[str, str]:
    host = _ANY.get(standing.host, standing.host)
    with (
        socket.create_connection((host, standing.port), timeout=_PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as talk,
    ):
        suite = talk.cipher()
        return talk.version() or "", suite[0] if suite else ""
