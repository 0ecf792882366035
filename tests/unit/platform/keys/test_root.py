"""Which files are accepted as the root key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safelight.platform.keys.errors import RootKeyRefusedError
from safelight.platform.keys.root import RootKey, create_root_key, read_root_key, secret_for

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
    path = tmp_path / "root.key"
    assert secret_for(path, "django") != secret_for(path, "django")
    create_root_key(path)

    assert secret_for(path, "django") == secret_for(path, "django")
    assert secret_for(path, "django") != secret_for(path, "other")
