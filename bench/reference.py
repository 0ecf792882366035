"""Against what is Safelight measured? Orthanc with its DICOMweb plugin, as Debian 13 ships it.

It lives in a folder of its own below `.setup`, made once by debootstrap (as root), and runs
with SQLite and its usual settings: each file synced before the answer, nothing sealed,
nobody asked. That version listens on every address, so the whole benchmark runs in a
network namespace that has the loopback interface only.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.instance import ROOT, free_port, wait_for

_FOLDER = ROOT / ".setup" / "orthanc"
_ROOT_FOLDER = _FOLDER / "root"
_DONE = _FOLDER / "made"
_SUITE = "trixie"
AET = "ORTHANC"
_PACKAGES = ("orthanc", "orthanc-dicomweb")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1  # netdevice(7)
_INTERFACE = struct.Struct("16sh22x")


def make() -> None:
    """Install the reference once.

    Raises:
        SystemExit: this is not Debian, not root, or debootstrap is missing.
    """
    if _DONE.exists():
        return
    debootstrap = shutil.which("debootstrap")
    if os.geteuid() or debootstrap is None:
        raise SystemExit("To install the reference, as root: apt-get install -y debootstrap")
    print("installing Orthanc from Debian 13 into .setup/orthanc ...", flush=True)
    shutil.rmtree(_ROOT_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "make.log").open("w") as log:

        def run(*words: str | Path) -> None:
            subprocess.run(words, stdout=log, stderr=log, check=True)

        run(debootstrap, "--variant=minbase", _SUITE, _ROOT_FOLDER, *_mirror())
        for name in ("etc/apt/apt.conf.d", "etc/resolv.conf", "etc/hosts"):
            _take_over(Path("/", name), _ROOT_FOLDER / name)
        run("mount", "--bind", "/proc", _ROOT_FOLDER / "proc")
        try:
            inside = ("chroot", _ROOT_FOLDER, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
            run(*inside, "update")
            run(*inside, "install", "-y", "--no-install-recommends", *_PACKAGES)
        finally:
            run("umount", _ROOT_FOLDER / "proc")
    _DONE.touch()


def version() -> str:
    """Say which Orthanc, with which plugin, was installed."""
    listed = subprocess.run(
        ["chroot", _ROOT_FOLDER, "dpkg-query", "-W", *_PACKAGES],
        capture_output=True,
        text=True,
        check=True,
    )
    return ", ".join(listed.stdout.replace("\t", " ").splitlines())


def alone(arguments: list[str]) -> None:
    """Go on in a network namespace of our own, with nothing but the loopback interface."""
    if os.environ.get("SAFELIGHT_BENCH_ALONE"):
        _raise_loopback()
        return
    os.environ["SAFELIGHT_BENCH_ALONE"] = "1"
    sys.stdout.flush()
    os.execvp(  # noqa: S606 (the same program again)
        "unshare", ["unshare", "-n", sys.executable, "-m", "bench.versus", *arguments]
    )


@contextmanager
def orthanc() -> Iterator[tuple[int, int, int, Path]]:
    """Serve an empty Orthanc; yield its ports (HTTP, DICOM), its process and its data folder."""
    data = _ROOT_FOLDER / "data"
    shutil.rmtree(data, ignore_errors=True)
    (data / "db").mkdir(parents=True)
    port, dimse = free_port(), free_port()
    plugin = next((_ROOT_FOLDER / "usr").rglob("libOrthancDicomWeb.so*"))
    settings = {
        "Name": "reference",
        "StorageDirectory": "/data/db",
        "IndexDirectory": "/data/db",
        "HttpPort": port,
        "DicomPort": dimse,
        "DicomAet": AET,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DefaultEncoding": "Utf8",
        "Plugins": [f"/{plugin.relative_to(_ROOT_FOLDER)}"],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (data / "orthanc.json").write_text(json.dumps(settings))
    with (_FOLDER / "orthanc.log").open("w") as log:
        server = subprocess.Popen(
            ["chroot", _ROOT_FOLDER, "Orthanc", "/data/orthanc.json"], stdout=log, stderr=log
        )
    try:
        wait_for(port, server, "/system")
        yield port, dimse, server.pid, data / "db"
    finally:
        server.terminate()
        server.wait(timeout=120)
        shutil.rmtree(data, ignore_errors=True)


def _mirror() -> list[str]:
    """Return the mirror of this machine's own package sources, if they name one."""
    sources = Path("/etc/apt")
    for file in (sources / "sources.list", *(sources / "sources.list.d").glob("*")):
        with suppress(OSError):
            for line in file.read_text().splitlines():
                found = re.search(r"https?://\S+/debian/?(?=\s|$)", line.partition("#")[0])
                if found:
                    return [found[0]]
    return []


def _take_over(ours: Path, theirs: Path) -> None:
    """Let the new system reach the network as this one does."""
    if ours.is_dir():
        shutil.copytree(ours, theirs, dirs_exist_ok=True)
    elif ours.exists():
        shutil.copy(ours, theirs)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = _INTERFACE.pack(b"lo", 0)
        name, flags = _INTERFACE.unpack(fcntl.ioctl(control, _SIOCGIFFLAGS, asked))
        fcntl.ioctl(control, _SIOCSIFFLAGS, _INTERFACE.pack(name, flags | _IFF_UP))
