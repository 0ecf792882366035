"""How fast does a server take exams in by C-STORE, from one association and from four?

The sender is DCMTK's `storescu` (the system's package dcmtk), as hospitals have it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.connecting import THEIRS
from bench.measuring import together
from bench.rows import Figures
from bench.target import Target
from bench.workload import Study, instances

_PROGRAM = "storescu"
_ASSOCIATIONS = (1, 4)


def calling(target: Target, *, seed: int, quick: bool) -> Figures:
    """Send CT slices by one association, then by four at once.

    Raises:
        SystemExit: the program is missing, or an object was not taken.
    """
    if shutil.which(_PROGRAM) is None:
        raise SystemExit("To measure C-STORE: apt-get install -y dcmtk")
    count = 60 if quick else 200
    found: Figures = {}
    for associations in _ASSOCIATIONS:
        with tempfile.TemporaryDirectory(prefix="safelight-bench-", dir=_memory()) as folder:
            acts = []
            for number in range(associations):
                mine = Path(folder, str(number))
                mine.mkdir()
                study = Study("ct", seed, 30 + 10 * associations + number)
                for at, made in enumerate(instances(study, count // associations)):
                    (mine / f"{at:05}.dcm").write_bytes(made.file)
                acts.append(_sender(target, mine))
            took, _ = together(acts)
            found[f"cstore_{associations}"] = count / took
    return found


def _sender(target: Target, folder: Path) -> Callable[[], None]:
    titles = ("-aet", THEIRS, "-aec", target.title)
    place = ("127.0.0.1", str(target.dimse))

    def run() -> None:
        done = subprocess.run(
            [_PROGRAM, *titles, "+sd", *place, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or "Failed" in done.stderr:
            raise SystemExit(f"{target.name}: not everything was stored: {done.stderr[:300]}")

    return run


def _memory() -> str | None:
    """Return a folder whose files wait for no disk, where there is one."""
    place = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    return str(place) if place.is_dir() else None
