"""What did a signed consent say? Moved to release/signed.py; this name goes soon."""

from safelight.exchange.release.signed import record_of, terms_of, words_of

__all__ = ["record_of", "terms_of", "words_of"]
