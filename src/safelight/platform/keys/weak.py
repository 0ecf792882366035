"""Is this a root key, or something that somebody could guess?

Nothing here measures randomness: 32 bytes cannot show it. What is refused is what
people put where a key belongs: zeros, a repeated word, a count, a sentence, a key
that is printed in a standard or is the digest of a word. A random key is refused
less often than once in 10**12.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import Final

from safelight.platform.keys.cipher import KEY_SIZE

_FEWEST_VALUES: Final = 18  # different bytes among 32; random keys have 30, seldom below 25
_FARTHEST_FROM_HALF: Final = 64  # of 256 bits, eight standard deviations
_PRINTABLE: Final = range(32, 127)
# AES-256 keys of the standards, which every library's examples repeat.
_PRINTED: Final = frozenset(
    bytes.fromhex(key)
    for key in (
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",  # NIST SP 800-38A
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",  # RFC 8439
        "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",  # RFC 8439
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",  # RFC 8032
    )
)
_WORDS: Final = (
    "", "test", "secret", "password", "changeme", "change me", "admin", "root", "key",
    "default", "example", "demo", "safelight", "hello", "hello world", "foo", "123456",
)  # fmt: skip
_DIGESTS: Final = frozenset(
    hashlib.new(name, word.encode()).digest() for name in ("sha256", "sha3_256") for word in _WORDS
)


def weakness(material: bytes) -> str | None:
    """Say in words what makes 32 bytes unfit as a root key, or None where nothing does."""
    if len(set(material)) == 1:
        return "is one byte over and over"
    if any(_repeats(material, period) for period in (2, 3, 4, 5, 6, 7, 8, 16)):
        return "is a short piece over and over"
    steps = {(after - before) % 256 for before, after in itertools.pairwise(material)}
    if len(steps) == 1:
        return "counts up or down"
    if material in _PRINTED or material in _DIGESTS:
        return "is a known example"
    if all(byte in _PRINTABLE for byte in material):
        return "is written text, not random bytes"
    bits = sum(byte.bit_count() for byte in material)
    if len(set(material)) < _FEWEST_VALUES or abs(bits - 4 * KEY_SIZE) > _FARTHEST_FROM_HALF:
        return "has too little in it to be random"
    return None


def _repeats(material: bytes, period: int) -> bool:
    return all(byte == material[at % period] for at, byte in enumerate(material))
