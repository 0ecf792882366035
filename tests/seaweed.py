"""An S3 server of the tests' own: SeaweedFS on free ports of this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import S3Store

ACCESS_KEY, SECRET_KEY = "tests", "throwaway-secret-of-the-tests"
BUCKET = "packs"
_PATIENCE = 90.0  # seconds
_ADVICE = "SeaweedFS is missing: install it with make setup-tests"
_IDENTITY = {
    "name": "tests",
    "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
}


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A running server."""

    folder: Path
    endpoint: str
    process: subprocess.Popen[bytes]

    def url(self, prefix: str) -> str:
        return f"s3://{BUCKET}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def bucket(self) -> S3Store:
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=ACCESS_KEY,
            secret_access_key=SECRET_KEY,
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(_PATIENCE)
        shutil.rmtree(self.folder)


def start() -> Seaweed:
    """Start a server with one empty bucket and wait until it takes objects."""
    weed = Path(sys.executable).parent / "weed"
    if not weed.exists():
        raise SystemExit(_ADVICE)
    folder = Path(tempfile.mkdtemp(prefix="safelight-seaweed-"))
    (folder / "data").mkdir()
    (folder / "s3.json").write_text(json.dumps({"identities": [_IDENTITY]}))
    parts = ("master", "volume", "filer", "s3")
    with ExitStack() as held:
        ports = [_port(held) for _ in range(2 * len(parts))]
    options = [
        option
        for part, port, grpc in zip(parts, ports[::2], ports[1::2], strict=True)
        for option in (f"-{part}.port={port}", f"-{part}.port.grpc={grpc}")
    ]
    process = subprocess.Popen(
        [
            *("setpriv", "--pdeathsig=KILL"),  # it ends with the tests, however they end
            *(str(weed), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1"),
            *("-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.config={folder / 's3.json'}"),
            *("-master.telemetry=false", "-master.volumeSizeLimitMB=256", "-volume.max=20"),
            f"-filer.localSocket={folder / 'filer.sock'}",
            f"-s3.localSocket={folder / 's3.sock'}",
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *options,
        ],
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = Seaweed(folder, f"http://127.0.0.1:{ports[6]}", process)
    _wait_for(made)
    return made


def _port(held: ExitStack) -> int:
    probe = held.enter_context(socket.socket())
    probe.bind(("127.0.0.1", 0))
    return int(probe.getsockname()[1])


def _wait_for(server: Seaweed) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            obstore.put(server.bucket(), "ready", b"ready")
        except (OSError, obstore.exceptions.BaseError):
            assert server.process.poll() is None, "SeaweedFS ended by itself"
            assert time.monotonic() < deadline, "SeaweedFS did not start"
            time.sleep(0.2)
        else:
            return
