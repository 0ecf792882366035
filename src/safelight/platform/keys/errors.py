"""What can go wrong with a key or a seal?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class SealBrokenError(ExpectedError):
    """The sealed bytes are not what was sealed, or not under this key and name."""

    code = "seal_broken"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class RootKeyRefusedError(ExpectedError):
    """The root key file is missing, readable by others, or not a root key."""

    code = "root_key_refused"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class WrongRootKeyError(ExpectedError):
    """This root key is not the one that the key store was made with."""

    code = "wrong_root_key"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class KeyStoreIncompleteError(ExpectedError):
    """The key store holds keys but not the row that says which root key they need."""

    code = "key_store_incomplete"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class KeyUnknownError(ExpectedError):
    """There has never been a key of this name here."""

    code = "key_unknown"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class KeyDestroyedError(ExpectedError):
    """The key was destroyed on purpose; what it sealed cannot be read any more."""

    code = "key_destroyed"
    status = HTTPStatus.GONE


class KeyExistsError(ExpectedError):
    """A key of this name exists already and will not be replaced."""

    code = "key_exists"
    status = HTTPStatus.CONFLICT
