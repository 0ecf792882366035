"""How do styles, scripts and pictures of our own reach the browser?

Every file is served under its plain name and under a name that carries a digest
of its content. Pages use the second, which may be kept for ever: a changed file
has another name. Nothing has to be collected or built beforehand.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.middleware import WhiteNoiseMiddleware

from safelight.surfaces.web.headers import STATIC_HEADERS
from safelight.surfaces.web.workplace.build import WORKER_POLICY, workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.headers import Headers

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

ROOT: Final = Path(__file__).parent / "static"
_DIGEST_LENGTH: Final = 12
# Our own digests, those that Vite writes into the names of what it builds, and the folder
# that the full viewer's build is named after.
_NAMED_BY_CONTENT: Final = re.compile(
    r"\.[0-9a-f]{12}\.[a-z0-9]+$|/build/assets/.+-[\w-]{8}\.\w+$|/workplace/[0-9a-f]{12}/"
)
# Compressed beside the files that they are of; never asked for by these names.
_COMPRESSED: Final = frozenset({".br", ".gz"})


class NamedByContent(FileSystemStorage):
    """What `{% static %}` asks for addresses: the name with the digest in it."""

    def __init__(self) -> None:
        super().__init__(location=ROOT, base_url=settings.STATIC_URL)

    def url(self, name: str | None) -> str:
        """Return the lasting address of a file below the static folder.

        Raises:
            FileNotFoundError: there is no such file; a page must not name one.
        """
        # A template's own kind of text cannot be part of a path; its parts are plain text.
        return super().url(hashed_name("/".join((name or "").split("/"))))


@cache
def hashed_name(name: str) -> str:
    """Return `css/page.css` as `css/page.0123456789ab.css`, as it was when first asked for."""
    if is_named_by_content(f"/{name}"):
        return name
    digest = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()[:_DIGEST_LENGTH]
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))


def is_named_by_content(address: str) -> bool:
    """Say whether an address can be kept for ever, because new content gets a new one."""
    return _NAMED_BY_CONTENT.search(address) is not None


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # it ships no types
    """Answer for the static folder, before anything that knows of people."""

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponseBase] | None = None
    ) -> None:
        super().__init__(get_response)
        self.max_age = 0
        self.allow_all_origins = False
        self.add_headers_function = _add_headers
        self.add_files(str(ROOT), prefix=settings.STATIC_URL)
        for path in sorted(ROOT.rglob("*")):
            if not path.is_file() or path.name.startswith(".") or path.suffix in _COMPRESSED:
                continue
            name = path.relative_to(ROOT).as_posix()
            lasting = settings.STATIC_URL + hashed_name(name)
            if lasting != settings.STATIC_URL + name:
                self.add_file_to_dictionary(lasting, str(path))

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Say whether a browser may keep this file without ever asking again."""
        del path
        return is_named_by_content(url)


def _add_headers(headers: Headers, path: str, url: str) -> None:
    del path
    for name, words in STATIC_HEADERS.items():
        headers[name] = words
    if PurePosixPath(url).name in workers() and "/workplace/" in url:
        headers["Content-Security-Policy"] = WORKER_POLICY
