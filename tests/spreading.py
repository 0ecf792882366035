"""Which tests must one process run, where several share them? A file's, and all journeys'."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives whole files to the processes; the journeys, which share one instance, are one."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return "journeys" if "journeys/" in file else file
