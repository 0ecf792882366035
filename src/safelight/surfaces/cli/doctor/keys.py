"""Does the root key fit, is it kept apart, and is any key due?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.surfaces.cli.doctor.checked import Checked

if TYPE_CHECKING:
    from safelight.platform.keys.roots import FileRoot

_OLD_FOR = 30 * 86400  # seconds that backups of the key store live


def examine(data: Path) -> Iterator[Checked]:
    """Look whether the root key opens this data, where it lies, and what is due."""
    from django.conf import settings

    from safelight.kernel.errors import ExpectedError
    from safelight.platform.keys.ring import ring
    from safelight.platform.keys.roots import EnvironmentRoot, FileRoot

    provider = settings.SAFELIGHT_ROOT_KEY
    try:
        ring().instance_key("start-check")
        yield Checked("the root key fits this data", good=True)
    except ExpectedError as error:
        yield Checked("the root key", good=False, advice=str(error))
        return
    if isinstance(provider, FileRoot):
        yield from _of_file(provider, data)
    if isinstance(provider, EnvironmentRoot):
        yield Checked(
            "the root key is a variable of the process",
            good=False,
            advice="whoever sees the container's settings or the process sees it; "
            "a file that only its owner reads, or a key service, is better",
        )
    mode = data.stat().st_mode & 0o077
    yield Checked("only its owner can enter the data folder", not mode, f"chmod 700 {data}")
    try:
        yield from _due()
    except ExpectedError as error:
        yield Checked("the keys", good=False, advice=str(error))


def _of_file(provider: FileRoot, data: Path) -> Iterator[Checked]:
    from safelight.kernel import clock

    apart = provider.path.stat().st_dev != data.stat().st_dev
    yield Checked(
        f"the root key lies on {'another' if apart else 'the same'} file system "
        f"{'than' if apart else 'as'} the data",
        apart,
        "one thief of one disk would have both; keep the key on another disk or machine",
    )
    if provider.next_path.exists():
        yield Checked(
            "a next root key waits",
            good=False,
            advice="go on with it: safelight keys rotate root; or remove it, if none was begun",
        )
    over = [
        path
        for path in provider.old_paths()
        if clock.now().timestamp() - path.stat().st_ctime > _OLD_FOR
    ]
    if over:
        yield Checked(
            "an old root key is no longer needed",
            good=False,
            advice=f"backups of its time have lapsed; destroy {over[0]}",
        )


def _due() -> Iterator[Checked]:
    from django.conf import settings

    from safelight.governance.keys.rotating import is_root_due, vaults_due
    from safelight.governance.keys.verifying import opened_with
    from safelight.kernel import clock
    from safelight.platform.keys.roots import at_hand

    at = clock.now()
    yield Checked(
        "the root key has served less than twelve months",
        not is_root_due(at=at),
        "safelight keys rotate root",
    )
    yield Checked(
        "no vault's key has served more than two years",
        not vaults_due(at=at),
        "safelight keys rotate due",
    )
    provider = settings.SAFELIGHT_ROOT_KEY
    found = opened_with(provider.current(), at_hand(provider), studies=20)
    yield Checked("vaults' keys and a sample of exams' open", not found.failing, "keys verify")
