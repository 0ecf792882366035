"""An instance with backups and a journal elsewhere, and the way back onto an empty machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bases
from cast import multipart
from objects import a_file, uid
from server import Server

A_STUDY = 7


@dataclass
class Elsewhere:
    """Where backups, key stores and journal of one instance lie, and the backup key."""

    folder: Path
    server: Server
    in_bucket: bool = False

    @property
    def key(self) -> Path:
        return self.folder / "backup.key"

    @property
    def data(self) -> Path:
        return self.folder / "backups"

    @property
    def data_url(self) -> str:
        """Where the data go: a bucket, where the store is one."""
        if self.in_bucket:
            return bases.objects().url(f"backup-{self.folder.parent.name[-8:]}")
        return str(self.data)

    @property
    def keys(self) -> Path:
        return self.folder / "key-stores"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def set_up(self) -> None:
        made = self.server.run("backup-key", str(self.key))
        assert made.returncode == 0, made.stderr
        self.server.env |= {
            "SAFELIGHT_BACKUP_TO": self.data_url,
            "SAFELIGHT_BACKUP_KEYS_TO": str(self.keys),
            "SAFELIGHT_BACKUP_PUBLIC_KEY_FILE": f"{self.key}.pub",
            "SAFELIGHT_JOURNAL_TO": str(self.journal),
        }

    def back_up(self) -> str:
        done = self.server.run("backup", "--data", str(self.server.data))
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[1].rstrip(":")

    def back_up_later(self) -> str:
        """Make today's backup; return a moment that only the backups before it are from."""
        time.sleep(1.1)  # moments are told in whole seconds
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        self.back_up()
        return moment

    def arguments(self, to: Path, *more: str, journal: bool = True) -> list[str]:
        said = [
            *("restore", "--data", str(to)),
            *("--backup", self.data_url, "--keys", str(self.keys)),
            *("--backup-key", str(self.key), "--root-key-file", str(self.server.key)),
        ]
        return [*said, *(["--journal", str(self.journal)] if journal else []), *more]

    def restored(self, to: Path) -> Server:
        """Return a server for an empty machine, with empty bases of its own."""
        return Server(to, self.server.key, token=self.server.token, env=bases.fresh())


def files_below(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def served(folder: Path, *, has_person: bool = True, in_bucket: bool = False) -> Elsewhere:
    """Make an instance, with one person if wanted, and set its backups up."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder / "data", folder / "root.key", env=bases.fresh())
    server.log = Path(os.devnull)
    server.init()
    if has_person:
        server.token = server.add_person()
    elsewhere = Elsewhere(folder / "elsewhere", server, in_bucket)
    elsewhere.folder.mkdir()
    elsewhere.set_up()
    return elsewhere


def store(server: Server, *numbers: int, study: int = A_STUDY) -> dict[str, bytes]:
    files = {uid(study, 1, number): a_file(number, study=study, series=1) for number in numbers}
    body, headers = multipart(*files.values())
    answer = server.request("POST", "/dicomweb/studies", body, headers)
    assert answer.status == 200, answer.body
    return files


def fetched(server: Server, instance: str, study: int = A_STUDY) -> bytes:
    path = f"/dicomweb/studies/{uid(study)}/series/{uid(study, 1)}/instances/{instance}"
    answer = server.get(path, accept="application/dicom")
    assert answer.status == 200, (answer.status, answer.body[:200])
    return answer.body


def journal_is_there(place: Elsewhere) -> None:
    deadline = time.monotonic() + 60
    while not list(place.journal.rglob("head")):
        assert time.monotonic() < deadline, "no journal was begun"
        time.sleep(0.2)
