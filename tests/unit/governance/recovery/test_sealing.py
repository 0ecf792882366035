"""Who can open a backup? Whoever has the private half, under the right name, unchanged."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from safelight.governance.recovery.errors import BackupBrokenError, BackupKeyRefusedError
from safelight.governance.recovery.sealing import (
    PrivateKey,
    PublicKey,
    make_key,
    read_private,
    read_public,
)

NAME = "packs/ab/cd/ef/0-5000000"
PLAIN = bytes(range(256)) * 12_000  # three megabytes: several chunks


@pytest.fixture
def keys(tmp_path: Path) -> tuple[PrivateKey, PublicKey]:
    make_key(tmp_path / "backup.key")
    return read_private(tmp_path / "backup.key"), read_public(tmp_path / "backup.key.pub")


def opened(key: PrivateKey, sealed: bytes, name: str = NAME) -> bytes:
    return b"".join(key.open(name, lambda start, size: sealed[start : start + size], len(sealed)))


@pytest.mark.parametrize("plain", [b"", b"x", PLAIN])
def test_what_the_public_half_sealed_the_private_one_opens(
    keys: tuple[PrivateKey, PublicKey], plain: bytes
) -> None:
    private, public = keys
    sealed = b"".join(public.seal(NAME, [plain[:100], plain[100:]]))
    assert opened(private, sealed) == plain
    assert len(plain) < 8 or plain[:64] not in sealed  # fewer bytes may stand there by chance


def test_equal_bytes_are_sealed_differently_each_time(keys: tuple[PrivateKey, PublicKey]) -> None:
    _, public = keys
    assert b"".join(public.seal(NAME, [PLAIN])) != b"".join(public.seal(NAME, [PLAIN]))


def test_another_key_another_name_and_any_change_are_refused(
    keys: tuple[PrivateKey, PublicKey], tmp_path: Path
) -> None:
    private, public = keys
    sealed = b"".join(public.seal(NAME, [PLAIN]))
    make_key(tmp_path / "other.key")
    with pytest.raises(BackupBrokenError):
        opened(read_private(tmp_path / "other.key"), sealed)
    with pytest.raises(BackupBrokenError):
        opened(private, sealed, "packs/ab/cd/ef/0-4999999")
    for at in (0, 5, 40, 150, len(sealed) // 2, len(sealed) - 1):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(BackupBrokenError):
            opened(private, changed)
    for length in (0, 10, 37, 200, len(sealed) - 1, len(sealed) - (1 << 20) - 16):
        with pytest.raises(BackupBrokenError):
            opened(private, sealed[:length])
    with pytest.raises(BackupBrokenError):
        opened(private, sealed + b"\0")


def test_a_key_lies_where_only_its_owner_reads_it_and_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "backup.key"
    make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    with pytest.raises(BackupKeyRefusedError):
        make_key(path)
    path.chmod(0o440)
    with pytest.raises(BackupKeyRefusedError, match="0400"):
        read_private(path)


def test_one_half_is_not_taken_for_the_other(tmp_path: Path) -> None:
    make_key(tmp_path / "backup.key")
    with pytest.raises(BackupKeyRefusedError):
        read_public(tmp_path / "backup.key")
    with pytest.raises(BackupKeyRefusedError):
        read_private(tmp_path / "backup.key.pub")
    with pytest.raises(BackupKeyRefusedError):
        read_private(tmp_path / "none.key")
