"""How does a stranger get the verifier of papers as one file that can be read in full?"""

from __future__ import annotations

from safelight.exchange.release.papers import verify_receipt
from safelight.platform.audit.offline.one_file import one_file


def verifier_script() -> str:
    """Return the verifier of papers as one file that needs nothing but Python."""
    return one_file(verify_receipt)
