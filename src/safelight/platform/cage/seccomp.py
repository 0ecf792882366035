"""Which system calls may a caged child still make?

Once it has loaded what it needs, a child reads its pipe, computes and writes its
pipe. Everything else (open, socket, exec, fork, ptrace, ...) fails with EPERM, so
that a codec taken over by a hostile frame reads no key and reaches no network. The
filter is classic BPF (seccomp(2)), put in force for all threads of the process.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
_FLAG_TSYNC: Final = 1

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_KILL: Final = 0x80000000
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4
_FIRST_ARGUMENT_AT: Final = 16


@dataclass(frozen=True, slots=True)
class _Machine:
    """An architecture: its audit number, its calls by number."""

    architecture: int
    seccomp: int
    prlimit64: int
    allowed: tuple[int, ...]


_MACHINES: Final = {
    "x86_64": _Machine(
        architecture=0xC000003E,
        seccomp=317,
        prlimit64=302,
        # read write close fstat poll lseek mmap mprotect munmap brk sigaction sigprocmask
        # sigreturn readv writev sched_yield mremap madvise nanosleep getpid exit
        # gettimeofday getrusage sysinfo times sigaltstack gettid futex sched_getaffinity
        # restart_syscall clock_gettime clock_getres clock_nanosleep exit_group ppoll
        # getrandom membarrier rseq futex_waitv getrlimit getcpu
        allowed=(
            *(0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 24, 25, 28, 35, 39, 60),
            *(96, 98, 99, 100, 131, 186, 202, 204, 219, 228, 229, 230, 231, 271, 318),
            *(324, 334, 449, 97, 309),
        ),
    ),
    "aarch64": _Machine(
        architecture=0xC00000B7,
        seccomp=277,
        prlimit64=261,
        # the same calls by their generic numbers (there is no poll, getrlimit is 163)
        allowed=(
            *(57, 62, 63, 64, 65, 66, 73, 80, 93, 94, 98, 101, 113, 114, 115, 123, 124, 128),
            *(132, 134, 135, 139, 153, 163, 165, 168, 169, 172, 178, 179, 214, 215, 216),
            *(222, 226, 233, 278, 283, 293, 449),
        ),
    ),
}


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _program(machine: _Machine) -> bytes:
    """Return the filter: the right architecture, then the list, then refusal."""
    parts = [
        _instruction(_LOAD, 0, 0, _ARCHITECTURE_AT),
        _instruction(_EQUAL, 1, 0, machine.architecture),
        _instruction(_RETURN, 0, 0, _KILL),
        _instruction(_LOAD, 0, 0, _NUMBER_AT),
    ]
    for number in machine.allowed:
        parts.append(_instruction(_EQUAL, 0, 1, number))
        parts.append(_instruction(_RETURN, 0, 0, _ALLOW))
    # a child may set its own limits (process 0) and nobody else's
    parts += [
        _instruction(_EQUAL, 0, 3, machine.prlimit64),
        _instruction(_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        _instruction(_EQUAL, 0, 1, 0),
        _instruction(_RETURN, 0, 0, _ALLOW),
        _instruction(_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(parts)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_new_privileges() -> None:
    """Give up for ever, for this process, what set-user-id programs could bring."""
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def confine() -> bool:
    """Put the filter in force. False when the kernel or the architecture has none."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    instructions = _program(machine)
    program = _Program(len(instructions) // 8, instructions)
    call = ctypes.CDLL(None, use_errno=True).syscall
    result: int = call(machine.seccomp, _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(program))
    return result == 0
