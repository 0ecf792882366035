"""Which databases does an instance use? Two SQLite files, or two PostgreSQL databases.

`SAFELIGHT_DATABASE_URL` names the main one and `SAFELIGHT_KEYS_DATABASE_URL` the key
store, e.g. `postgresql://user:password@host/safelight`. Keys live in a store of their
own, so that its backups can lapse sooner: without a name of its own, the key store of
a PostgreSQL instance is the database of that name followed by `_keys`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from safelight.platform.database.urls import joined
from safelight.platform.database.visitors import PROGRAM

_SCHEMES: Final = {"postgresql", "postgres"}
# The SQLite counterpart of `timeout`: what waits longer than this gives up.
_LOCK_TIMEOUT: Final = "-c lock_timeout=20s -c synchronous_commit=on"
_KEPT_OPEN: Final = 60  # seconds that a thread keeps an idle connection
# A server that no packet reaches any more is given up after two seconds, not after the quarter
# of an hour that a machine tries by itself: meanwhile every request would wait.
_UNREACHABLE: Final = {
    "connect_timeout": "2",
    "tcp_user_timeout": "2000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}
_FILES: Final = {"default": "safelight.sqlite3", "keys": "keys.sqlite3"}


def databases(data: Path, url: str, keys_url: str, password: str = "") -> dict[str, dict[str, Any]]:
    """Return Django's description of both databases; an empty URL means a file in `data`.

    `password` serves URLs that name none, so that a URL may be written down.

    Raises:
        ImproperlyConfigured: a URL is of neither kind, both stores are one database, or
            the driver is not installed.
    """
    keys_url = keys_url or (_keys_beside(url) if url else "")
    if bool(url) != bool(keys_url):
        raise ImproperlyConfigured("name both databases, or only SAFELIGHT_DATABASE_URL")
    if not url:
        return {alias: _file(data, name) for alias, name in _FILES.items()}
    made = {"default": _server(url, password), "keys": _server(keys_url, password)}
    if _place(made["default"]) == _place(made["keys"]):
        raise ImproperlyConfigured("the key store needs a database of its own")
    return made


def _file(data: Path, name: str) -> dict[str, Any]:
    return {
        "ENGINE": "safelight.platform.database.sqlite",
        "CONN_MAX_AGE": _KEPT_OPEN,
        "NAME": data / name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
        "TEST": {"NAME": data / f"test-{name}", "DEPENDENCIES": []},
    }


def _server(url: str, password: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in _SCHEMES or not name:
        raise ImproperlyConfigured("a database is named as postgresql://user:password@host/name")
    if find_spec("psycopg") is None:
        raise ImproperlyConfigured("PostgreSQL needs a driver: pip install 'safelight[postgres]'")
    asked = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or password,
        "HOST": asked.pop("host", "") or parts.hostname or "",
        "PORT": asked.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": _KEPT_OPEN,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": PROGRAM}
        | _UNREACHABLE
        | asked
        | {"options": f"{_LOCK_TIMEOUT} {asked.get('options', '')}".strip()},
        "TEST": {"NAME": f"test_{name}", "DEPENDENCIES": []},
    }


def _keys_beside(url: str) -> str:
    parts = urlsplit(url)
    return joined(parts._replace(path=f"{parts.path}_keys"))


def _place(database: dict[str, Any]) -> tuple[str, str, str]:
    return database["HOST"], database["PORT"], database["NAME"]
