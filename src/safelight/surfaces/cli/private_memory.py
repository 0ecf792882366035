"""What is left of a process that crashes? No copy of its memory: keys and exams are in it."""

from __future__ import annotations

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def leave_no_copy() -> None:
    """Let no crash of this process, and of none it forks, leave a file of its memory.

    A limit alone is not heeded where the kernel hands crashes to a program.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
