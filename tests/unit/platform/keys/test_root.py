"""Which files are accepted as the root key?"""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

import pytest

from safelight.platform.keys.errors import RootKeyRefusedError
from safelight.platform.keys.root import RootKey, create_root_key, read_root_key
from safelight.platform.keys.roots import FileRoot, secrets_for
from safelight.platform.keys.weak import weakness

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_root_key_can_be_read_back_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    made = create_root_key(path)

    assert read_root_key(path) == made
    assert path.stat().st_mode & 0o777 == 0o400
    assert len(made.material) == 32
    assert len(made.id) == 16
    assert create_root_key(tmp_path / "other.key").id != made.id


def test_a_root_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    made = create_root_key(path)

    with pytest.raises(RootKeyRefusedError):
        create_root_key(path)
    assert read_root_key(path) == made


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o410, 0o401, 0o644, 0o777])
def test_a_root_key_that_others_may_use_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    create_root_key(path)
    path.chmod(mode)

    with pytest.raises(RootKeyRefusedError, match=f"{mode:04o}"):
        read_root_key(path)


@pytest.mark.parametrize(
    "content",
    ["", "00" * 31, "00" * 33, "0g" * 32, "00" * 32 + " 00", "\N{FULLWIDTH DIGIT ZERO}" * 64],
)
def test_what_is_not_64_hexadecimal_digits_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_text(content)
    path.chmod(0o400)

    with pytest.raises(RootKeyRefusedError):
        read_root_key(path)


WEAK = {
    "zeros": bytes(32),
    "ones": b"\xff" * 32,
    "a piece of four bytes": bytes.fromhex("deadbeef") * 8,
    "a piece of seven bytes": (b"1234\x00\x99\x05" * 5)[:32],
    "a half twice": secrets.token_bytes(16) * 2,
    "counting up": bytes(range(32)),
    "counting down": bytes(range(255, 223, -1)),
    "a sentence": b"correct horse battery staple, ok",
    "the example of a standard": bytes.fromhex(
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    ),
    "the digest of a word": hashlib.sha256(b"changeme").digest(),
    "few values": bytes([7, 200, 91, 16] * 4 + [5, 7, 16, 200] * 4),
    "few bits": bytes(1 << at % 8 | 1 << at // 8 for at in range(32)),
}  # fmt: skip


@pytest.mark.parametrize("sort", WEAK)
def test_a_key_that_could_be_guessed_is_refused_in_words(sort: str, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_text(WEAK[sort].hex())
    path.chmod(0o400)

    with pytest.raises(RootKeyRefusedError, match="whoever guesses it reads everything"):
        read_root_key(path)


def test_no_random_key_is_taken_for_a_weak_one() -> None:
    assert [weakness(secrets.token_bytes(32)) for _ in range(20_000)] == [None] * 20_000


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(tmp_path: Path) -> None:
    path, data = tmp_path / "root.key", tmp_path / "data"
    create_root_key(path)
    data.mkdir()
    os.chown(path, 54_321, -1)

    with pytest.raises(RootKeyRefusedError, match="belongs to user 54321"):
        read_root_key(path, beside=data)
    os.chown(data, 54_321, -1)  # who owns the data may own its key
    assert read_root_key(path, beside=data)


def test_a_link_into_the_data_folder_is_refused(tmp_path: Path) -> None:
    data, link = tmp_path / "data", tmp_path / "root.key"
    data.mkdir()
    create_root_key(data / "hidden.key")
    link.symlink_to(data / "hidden.key")

    with pytest.raises(RootKeyRefusedError, match="link into the data folder"):
        read_root_key(link, beside=data)
    outside = tmp_path / "elsewhere.key"
    create_root_key(outside)
    link.unlink()
    link.symlink_to(outside)
    assert read_root_key(link, beside=data)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RootKeyRefusedError):
            read_root_key(path)


def test_a_root_key_does_not_show_itself(tmp_path: Path) -> None:
    made = create_root_key(tmp_path / "root.key")

    assert made.material.hex() not in repr(made)
    assert repr(made.material) not in repr(made)
    assert made.check_value != made.material
    assert RootKey.of(made.material).check_value == made.check_value


def test_a_text_secret_lasts_as_long_as_the_root_key(tmp_path: Path) -> None:
    root = FileRoot(tmp_path / "root.key")
    assert secrets_for(root, "django") != secrets_for(root, "django")
    create_root_key(root.path)

    before = secrets_for(root, "django")
    assert secrets_for(root, "django") == before
    assert secrets_for(root, "other") != before
    create_root_key(root.next_path)
    root.move_on()
    assert secrets_for(root, "django")[1:] == before, "what the old one signed is still known"
