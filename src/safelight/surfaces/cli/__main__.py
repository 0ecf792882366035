"""Run the command line as a module."""

from __future__ import annotations

from safelight.surfaces.cli.main import run

run()
