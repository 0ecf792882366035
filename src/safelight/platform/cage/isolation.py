"""What keeps a caged child away from the network, the disk and other processes?

Two walls, each used where the kernel allows: a network namespace of its own, which
has no interface, and the system call filter of `seccomp`. The child reports which
stand; `doctor` passes it on.
"""

from __future__ import annotations

import ctypes
import os
import resource
from contextlib import suppress
from enum import StrEnum
from typing import Final

from safelight.platform.cage import seccomp

_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWUSER: Final = 0x10000000
_PR_SET_DUMPABLE: Final = 4
_NOBODY: Final = 65_534


class Wall(StrEnum):
    """What stands around a child. Values are stable words for `doctor`."""

    OWN_NETWORK = "own-network-namespace"
    CALL_FILTER = "system-call-filter"
    OTHER_USER = "unprivileged-user"


def leave_network() -> list[Wall]:
    """Move to a network namespace without interfaces. Must come before any thread."""
    seccomp.forbid_new_privileges()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return [Wall.OWN_NETWORK]
    return []


def leave_machine() -> list[Wall]:
    """Give up root, then every system call but those of computing. Comes after all imports."""
    walls = []
    if os.geteuid() == 0:
        with suppress(OSError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            walls.append(Wall.OTHER_USER)
    if seccomp.confine():
        walls.append(Wall.CALL_FILTER)
    return walls
