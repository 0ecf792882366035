"""The cast of the stories: an owner, a clinician, a stranger; and a client of our own app."""

from __future__ import annotations

from stage import clinician, moved_clock, owner, story, stranger, web

__all__ = ["clinician", "moved_clock", "owner", "story", "stranger", "web"]
