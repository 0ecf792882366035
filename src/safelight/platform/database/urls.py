"""How is a database or a store named in a setting, so that the name may be written down?"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def without_secret(url: str) -> str:
    """Return a URL without its password: what may stand in a file or a message."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    asked = [part for part in parts.query.split("&") if not part.startswith("password=")]
    return joined(parts._replace(netloc=user.partition(":")[0] + at + host, query="&".join(asked)))


def joined(parts: SplitResult) -> str:
    """Write a URL. The library would leave out the slashes before an absent host."""
    asked = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{asked}"
