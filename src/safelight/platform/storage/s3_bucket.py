"""How is one S3 bucket spoken to, and what do its failures mean here?

Credentials come from the environment alone: `SAFELIGHT_STORE_ACCESS_KEY` and
`SAFELIGHT_STORE_SECRET_KEY`, or whatever else S3 programs read (`AWS_...`, a role of
the machine). They are never in the URL, the data folder or a message.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StoreUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

_PART = 16 << 20  # bytes of one request; a larger pack goes in parts of this size
_PARTS_AT_ONCE = 2
_LISTED_AT_ONCE = 1000
_PATIENCE = {"connect_timeout": "5s", "timeout": "60s"}
_RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
_NOT_SATISFIABLE = " 416 "

logger = logging.getLogger(__name__)


class Bucket:
    """The objects below one prefix of one bucket. Any number of threads may use it."""

    def __init__(self, url: str, *, credentials: Sequence[str] = ("SAFELIGHT_STORE",)) -> None:
        """Prepare to use `s3://bucket/prefix?endpoint=...&region=...`; nothing is asked yet.

        `credentials` are how the variables begin that may name the two keys, the best first.
        """
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        endpoint = asked.get("endpoint", "")
        prefix = parts.path.strip("/")
        named = {
            "endpoint": endpoint,
            "region": asked.get("region", ""),
        }
        for begins in credentials:
            if f"{begins}_ACCESS_KEY" in os.environ:
                named["access_key_id"] = os.environ[f"{begins}_ACCESS_KEY"]
                named["secret_access_key"] = os.environ.get(f"{begins}_SECRET_KEY", "")
                break
        config: Any = {name: value for name, value in named.items() if value}
        self._store = S3Store(
            parts.netloc,
            prefix=prefix or None,
            client_options={**_PATIENCE, "allow_http": endpoint.startswith("http://")},  # type: ignore[arg-type]
            retry_config=_RETRIES,
            checksum_algorithm="SHA256",
            **config,
        )

    def put(self, name: str, path: Path) -> None:
        """Keep a file as an object. On return all of it is stored, and its checksum was right.

        Raises:
            StoreUnreachableError: it cannot be promised.
        """
        try:
            obstore.put(self._store, name, path, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
        except (BaseError, OSError) as error:
            raise _trouble(error) from error

    def put_mark(self, name: str) -> None:
        """Keep an object of no bytes: its time is what it says. Raises like `put`."""
        try:
            obstore.put(self._store, name, b"")
        except (BaseError, OSError) as error:
            raise _trouble(error) from error

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Return a range of an object.

        Raises:
            PackMissingError: there is no such object.
            RecordBrokenError: it ends before the range does.
            StoreUnreachableError: the store did not answer, or refused to.
        """
        try:
            read = bytes(obstore.get_range(self._store, name, start=offset, length=length))
        except FileNotFoundError:
            raise PackMissingError from None
        except (BaseError, OSError) as error:
            if _NOT_SATISFIABLE in str(error):
                raise RecordBrokenError from None
            raise _trouble(error) from error
        if len(read) != length:
            raise RecordBrokenError
        return read

    def size_of(self, name: str) -> int | None:
        """Return an object's size, or None where there is none. Raises StoreUnreachableError."""
        try:
            return int(obstore.head(self._store, name)["size"])
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise _trouble(error) from error

    def listed(self, folder: str) -> Iterator[tuple[str, int, datetime]]:
        """Name the objects below `folder`, with sizes and times. Raises StoreUnreachableError."""
        try:
            for some in obstore.list(self._store, folder, chunk_size=_LISTED_AT_ONCE):
                for each in some:
                    yield each["path"], each["size"], each["last_modified"]
        except (BaseError, OSError) as error:
            raise _trouble(error) from error

    def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error. Raises StoreUnreachableError."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _trouble(error) from error


def _trouble(error: Exception) -> StoreUnreachableError:
    # The class only: what a server says may repeat parts of a request.
    logger.warning("the store did not do what was asked: %s", type(error).__name__)
    return StoreUnreachableError()
