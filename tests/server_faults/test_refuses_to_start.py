"""A server that could not keep its promises does not start, and says why."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server import Server

pytestmark = pytest.mark.server


def with_key(server: Server, key: Path) -> Server:
    server.env["SAFELIGHT_ROOT_KEY_FILE"] = str(key)
    return server


def copy_of(key: Path, to: Path, *, mode: int = 0o400, text: str = "") -> Path:
    to.write_text(text or key.read_text())
    to.chmod(mode)
    return to


def test_another_root_key_is_refused(server: Server, tmp_path: Path) -> None:
    other = copy_of(server.key, tmp_path / "other.key", text="ab" * 32 + "\n")
    assert "root key" in with_key(server, other).refusal()


def test_a_key_that_others_may_read_is_refused(server: Server, tmp_path: Path) -> None:
    loose = copy_of(server.key, tmp_path / "loose.key", mode=0o644)
    said = with_key(server, loose).refusal()
    assert "may be used by others" in said
    assert "0400" in said


def test_a_missing_key_is_refused(server: Server, tmp_path: Path) -> None:
    assert "cannot be opened" in with_key(server, tmp_path / "none.key").refusal()


def test_a_key_in_the_data_folder_is_refused(server: Server) -> None:
    inside = copy_of(server.key, server.data / "root.key")
    assert "lies in the data folder" in with_key(server, inside).refusal()


@pytest.mark.parametrize("where", ["0.0.0.0", "192.0.2.1", "[::]", "example.org"])  # noqa: S104
def test_a_plain_listen_beyond_this_machine_is_refused(server: Server, where: str) -> None:
    done = server.run("serve", "--data", str(server.data), "--listen", f"{where}:8123")
    assert done.returncode == 1
    assert "without TLS it listens on this machine only" in done.stderr


def test_a_listen_address_without_port_is_a_usage_error(server: Server) -> None:
    done = server.run("serve", "--data", str(server.data), "--listen", "localhost")
    assert done.returncode == 2


def test_a_pending_migration_is_refused_until_upgrade(server: Server) -> None:
    for name in ("20200101T000000Z", "20210101T000000Z", "20220101T000000Z", "mine"):
        (server.data / "before-upgrade" / name).mkdir(parents=True)
    with sqlite3.connect(server.data / "safelight.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'receive' AND name LIKE '000%'")
        rooms = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'receive_*'"
        for (table,) in database.execute(rooms).fetchall():
            database.execute(f'DROP TABLE "{table}"')
    said = server.refusal()
    assert "another version" in said
    assert "safelight upgrade" in said
    before = rows_of(server.data / "safelight.sqlite3")
    done = server.run("upgrade", "--data", str(server.data))
    assert done.returncode == 0, done.stderr
    # What was changed lies there as it was, in one file that opens; what was not does not.
    oldest, _, newest, mine = sorted((server.data / "before-upgrade").iterdir())
    assert (oldest.name, mine.name) == ("20210101T000000Z", "mine")
    assert str(newest) in done.stdout
    (copy,) = newest.iterdir()
    assert (copy.name, copy.stat().st_mode & 0o777) == ("safelight.sqlite3", 0o600)
    assert rows_of(copy) == before != rows_of(server.data / "safelight.sqlite3")
    server.start()
    again = server.run("upgrade", "--data", str(server.data))
    assert again.returncode == 0
    assert "until now" not in again.stdout


def rows_of(database: Path) -> list[str]:
    """Return everything in a database as statements."""
    with closing(sqlite3.connect(database)) as opened:
        return list(opened.iterdump())


def test_a_folder_that_is_no_instance_is_refused(server: Server, tmp_path: Path) -> None:
    server.data = tmp_path / "empty"
    server.data.mkdir()
    assert "not the data folder" in server.refusal()


def test_a_port_that_is_taken_is_refused(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server.port = taken.getsockname()[1]
        assert f"port {server.port}" in server.refusal()


def test_making_an_instance_twice_is_refused(server: Server) -> None:
    done = server.run("init", "--data", str(server.data))
    assert done.returncode == 1
    assert "an instance already" in done.stderr


def test_a_lost_key_store_is_refused(server: Server) -> None:
    for path in server.data.glob("keys.sqlite3*"):
        path.unlink()
    assert "Not done" in server.refusal()


def test_nothing_in_a_fresh_folder_can_be_read_by_others(server: Server) -> None:
    assert server.data.stat().st_mode & 0o077 == 0
    assert (server.data / "safelight.toml").stat().st_mode & 0o077 == 0
