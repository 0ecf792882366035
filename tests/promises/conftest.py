"""Who is on the stage when a promise is proved."""

from __future__ import annotations

from stage import clinician, moved_clock, owner, story, stranger, web

__all__ = ["clinician", "moved_clock", "owner", "story", "stranger", "web"]
