"""Does a crash leave a file of the memory, and of a child's?"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

_CRASH = """
import os, signal, sys
{keep}
if sys.argv[1] == "child" and os.fork():
    os.wait()
    sys.exit()
os.kill(os.getpid(), signal.SIGABRT)
"""
_KEEP = "from safelight.surfaces.cli.private_memory import leave_no_copy; leave_no_copy()"


def _files_after_crash(folder: Path, who: str, keep: str) -> int:
    def allow() -> None:
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    subprocess.run(
        [sys.executable, "-c", _CRASH.format(keep=keep), who],
        cwd=folder,
        preexec_fn=allow,
        check=False,
        stderr=subprocess.DEVNULL,
    )
    return len(list(folder.iterdir()))


@pytest.mark.parametrize("who", ["itself", "child"])
def test_what_crashes_leaves_no_copy_of_its_memory(tmp_path: Path, who: str) -> None:
    assert _files_after_crash(tmp_path, who, _KEEP) == 0


def test_without_that_it_would(tmp_path: Path) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text()
    if "/" in pattern or "|" in pattern or not resource.getrlimit(resource.RLIMIT_CORE)[1]:
        pytest.skip("this machine puts such files elsewhere")
    assert _files_after_crash(tmp_path, "itself", "") == 1
