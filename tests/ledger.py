"""What was sent, what of it was acknowledged, and what it means that something is lost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from server import Answer


@dataclass
class Ledger:
    """What was sent, and what of it was acknowledged; by SOP Instance UID."""

    sent: dict[str, bytes] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)  # studies that may be gone, whole or in part
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, files: dict[str, bytes]) -> None:
        with self.lock:
            self.sent |= files

    def keep(self, instances: list[str]) -> None:
        with self.lock:
            self.kept |= set(instances)

    def expected(self) -> set[str]:
        return {each for each in self.kept if study_of(each) not in self.erased}


class LostError(AssertionError):
    """Something acknowledged is not there, or not as it was sent; or something half done is."""

    def __init__(self, instances: set[str], answer: Answer | None = None) -> None:
        super().__init__(
            f"{sorted(instances)[:5]}, {len(instances)} in all: "
            + (f"{answer.status}, {answer.body[:500]!r}" if answer else "not as it was sent")
        )
        self.instances = instances


def study_of(instance: str) -> str:
    return instance.rpartition(".")[0].rpartition(".")[0]


def address(instance: str) -> str:
    series = instance.rpartition(".")[0]
    return f"/dicomweb/studies/{study_of(instance)}/series/{series}/instances/{instance}"
