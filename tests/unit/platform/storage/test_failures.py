"""What happens when the disk is full, fails, or lies, at any call at all?"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from safelight.kernel.ids import new_id
from safelight.platform.storage.errors import StorageFailedError, StorageFullError
from safelight.platform.storage.packs import PackReader, PackWriter, Place, writer_for
from safelight.platform.storage.record import new_object_key
from safelight.platform.storage.sweep import packs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

Kept = tuple[Place, "UUID", bytes, bytes]


def put(writer: PackWriter, content: bytes) -> Kept:
    object_id, key = new_id(), new_object_key()
    place = writer.append(object_id=object_id, key=key, pieces=[content])
    return place, object_id, key, content


def is_readable(folder: Path, kept: Kept) -> bool:
    place, object_id, key, content = kept
    record = PackReader(folder).record(place, object_id=object_id, key=key)
    return record.read(0, record.size) == content


class Fault:
    """Let one call of the operating system fail: the n-th."""

    def __init__(self, call: Callable[..., Any], *, at: int, how: int | str) -> None:
        self.call, self.left, self.how = call, at, how

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 (any system call)
        """Fail, or do half of it, when it is this call's turn."""
        self.left -= 1
        if self.left:
            return self.call(*arguments, **named)
        if isinstance(self.how, int):
            raise OSError(self.how, os.strerror(self.how))
        descriptor, parts, offset = arguments
        return self.call(descriptor, [parts[0][: max(1, len(parts[0]) // 2)]], offset)


@pytest.mark.parametrize("at", range(1, 7))
@pytest.mark.parametrize(
    ("call", "how"),
    [
        ("pwritev", errno.EIO),
        ("pwritev", errno.ENOSPC),
        ("pwritev", errno.EDQUOT),
        ("pwritev", "short"),
        ("fdatasync", errno.EIO),
        ("fdatasync", errno.ENOSPC),
        ("fsync", errno.EIO),
        ("open", errno.EMFILE),
        ("open", errno.ENOSPC),
        ("ftruncate", errno.EIO),
    ],
)
def test_whatever_call_fails_nothing_is_promised_that_is_not_kept(
    call: str, how: int | str, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    before = put(writer_for(tmp_path, reserve=0), b"before" * 1000)
    writer_for(tmp_path).sync()
    with monkeypatch.context() as faulty:
        faulty.setattr(os, call, Fault(getattr(os, call), at=at, how=how))
        for number in range(6):
            try:
                writer = writer_for(tmp_path, reserve=0)
                row = put(writer, bytes([number]) * (3 << 20) * (1 + 2 * (number % 2)))
                writer.sync()
            except (StorageFailedError, StorageFullError):
                continue
            kept.append(row)

    assert len(kept) >= 5
    after = put(writer_for(tmp_path, reserve=0), b"after")
    writer_for(tmp_path).sync()
    writer_for(tmp_path).close()
    assert all(is_readable(tmp_path, row) for row in [before, *kept, after])


@pytest.mark.parametrize("call", ["fdatasync", "fsync"])
def test_a_failed_sync_ends_the_writer_for_good(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = PackWriter(tmp_path, reserve=0)
    row = put(writer, b"lost")
    with monkeypatch.context() as faulty:
        faulty.setattr(os, call, Fault(getattr(os, call), at=1, how=errno.EIO))
        with pytest.raises(StorageFailedError):
            writer.sync()

    with pytest.raises(StorageFailedError):
        writer.sync()
    with pytest.raises(StorageFailedError):
        put(writer, b"more")
    fresh = PackWriter(tmp_path, reserve=0)
    kept = put(fresh, b"fresh")
    assert kept[0].pack != row[0].pack
    # Who appended to the dead one and comes late is not told that its record is kept.
    with pytest.raises(StorageFailedError):
        fresh.sync({row[0].pack, kept[0].pack})
    fresh.sync({kept[0].pack})
    fresh.close()


def test_the_reserve_stays_free_and_reading_goes_on(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, reserve=0)
    kept = put(writer, b"kept")
    writer.sync()
    writer.close()
    writer = PackWriter(tmp_path, reserve=1 << 60)

    with pytest.raises(StorageFullError) as refused:
        put(writer, b"one more")

    assert refused.value.status == 507
    assert is_readable(tmp_path, kept)
    assert writer.usable
    writer.close()


_FILL = """
    import resource, sys
    from pathlib import Path
    from safelight.kernel.ids import new_id
    from safelight.platform.storage.errors import StorageFullError
    from safelight.platform.storage.packs import PackReader, PackWriter
    from safelight.platform.storage.record import new_object_key
    folder, limit = Path(sys.argv[1]), int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    writer, kept, refused = PackWriter(folder, reserve=0), [], 0
    while refused < 50:
        object_id, key = new_id(), new_object_key()
        try:
            place = writer.append(object_id=object_id, key=key, pieces=[key * 8192] * 4)
            writer.sync()
            kept.append((place, object_id, key))
        except StorageFullError:
            refused += 1
            assert writer.usable
    for place, object_id, key in kept:
        record = PackReader(folder).record(place, object_id=object_id, key=key)
        assert record.read(0, record.size) == key * 8192 * 4
    if not limit:
        for path in folder.glob("ballast"):
            path.unlink()
        place = writer.append(object_id=object_id, key=key, pieces=[key * 8192] * 4)
        writer.sync()
        record = PackReader(folder).record(place, object_id=object_id, key=key)
        assert record.read(0, record.size) == key * 8192 * 4
    print("kept", len(kept), "refused", refused)
"""


def test_a_limit_on_file_size_refuses_and_keeps_the_rest(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_FILL), str(tmp_path), str(10 << 20)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stdout == "kept 9 refused 50\n", done.stderr


def test_a_full_disk_refuses_keeps_the_rest_and_recovers_by_itself(tmp_path: Path) -> None:
    script = tmp_path / "fill.py"
    script.write_text(textwrap.dedent(_FILL))
    own_mounts = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    if subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        own_mounts = ["unshare", "--mount", "--"]
    (tmp_path / "small").mkdir()
    steps = 'mount -t tmpfs -o size=16m none "$0" && head -c 5m /dev/zero >"$0/ballast" || exit 77'
    done = subprocess.run(
        [
            *(*own_mounts, "sh", "-c", f'{steps}; exec "$1" "$2" "$0" 0'),
            *(str(tmp_path / "small"), sys.executable, str(script)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no small file system can be mounted here; the file size limit stands in")

    assert re.fullmatch(r"kept \d+ refused 50\n", done.stdout), done.stderr


_ACKNOWLEDGE = """
    import os, sys
    from pathlib import Path
    from safelight.kernel.ids import new_id
    from safelight.platform.storage.packs import PackWriter
    from safelight.platform.storage.record import new_object_key
    writer = PackWriter(Path(sys.argv[1]), reserve=0)
    os.write(1, b"BEGIN")
    for _ in range(3):
        writer.append(object_id=new_id(), key=new_object_key(), pieces=[bytes(100_000)])
        writer.append(object_id=new_id(), key=new_object_key(), pieces=[bytes(100_000)])
        writer.sync()
        os.write(1, b"ACK")
"""


def test_the_kernel_sees_data_then_folders_then_the_acknowledgement(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    assert strace is not None, "strace is missing; make test installs it"
    log = tmp_path / "strace.log"
    calls = "trace=pwritev,pwritev2,fdatasync,fsync,write,rename,renameat,renameat2"
    subprocess.run(
        [
            *(strace, "-f", "-y", "-o", str(log), "-e", calls),
            *(sys.executable, "-c", textwrap.dedent(_ACKNOWLEDGE), str(tmp_path / "data")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    _, _, traced = log.read_text().partition("BEGIN")
    seen = [
        (call, re.sub(r"/[0-9a-f]{2}(?=/|$)", "/xx", path.removeprefix(str(tmp_path / "data"))))
        for call, path in re.findall(r"(\w+?)2?\(\d+<([^>]*)>", traced)
    ]
    steps = [
        "ACK" if call == "write" else f"{call} {'pack' if path.endswith('.pack') else path or '/'}"
        for call, path in seen
    ]
    written = ["pwritev pack", "pwritev pack", "fdatasync pack"]
    folders = ["fsync /packs/xx/xx", "fsync /packs/xx", "fsync /packs", "fsync /"]
    assert steps == [*written, *folders, "ACK", *written, "ACK", *written, "ACK"]


def test_in_this_process_too_data_comes_before_folders_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*arguments: Any) -> Any:  # noqa: ANN401 (any system call)
            steps.append(name)
            return call(*arguments)

        return noting

    for name in ("pwritev", "fdatasync", "fsync"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    writer = PackWriter(tmp_path, reserve=0)
    put(writer, b"one")
    put(writer, b"two")
    writer.sync()
    steps.append("returned")
    writer.sync()
    writer.close()

    assert steps == ["pwritev"] * 2 + ["fdatasync"] + ["fsync"] * 4 + ["returned"]


def test_a_refused_object_takes_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = PackWriter(tmp_path, reserve=0)
    kept = put(writer, b"kept")
    writer.sync()
    with monkeypatch.context() as faulty:
        faulty.setattr(os, "pwritev", Fault(os.pwritev, at=3, how=errno.ENOSPC))
        with pytest.raises(StorageFullError):
            put(writer, bytes(20 << 20))

    assert [(tmp_path / name).stat().st_size for name in packs(tmp_path)] == [kept[0].length]
    writer.close()
