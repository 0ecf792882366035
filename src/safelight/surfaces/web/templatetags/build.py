"""Which built script belongs to a page? `{% build_tags "viewer" %}` asks Vite's manifest."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from safelight.surfaces.web.static_files import ROOT

register = template.Library()

BUILD: Final = ROOT / "build"
_MANIFESTS: Final = (".vite/manifest.json", "manifest.json")


class UnknownEntryError(template.TemplateSyntaxError):
    """The manifest names no such entry; the page and the build do not fit together."""


@register.simple_tag
def build_tags(name: str) -> SafeString:
    """Return the style links and the module script of the entry `name`.

    Nothing comes back where no build exists: every page works without its script.

    Raises:
        UnknownEntryError: there is a build, without this entry.
    """
    return tags_of(name, build=BUILD)


def tags_of(name: str, *, build: Path) -> SafeString:
    """Do what `build_tags` does, for the build in a given folder."""
    place = next((build / each for each in _MANIFESTS if (build / each).is_file()), None)
    if place is None:
        return SafeString()
    manifest = _read(place, place.stat().st_mtime_ns)
    entry = _entry(manifest, name)
    styles = [(_address(style),) for style in dict.fromkeys(_styles(manifest, entry))]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', styles) + format_html(
        '<script type="module" src="{}"></script>', _address(manifest[entry]["file"])
    )


def _entry(manifest: dict[str, Any], name: str) -> str:
    for key, chunk in manifest.items():
        if chunk.get("isEntry") and name in {chunk.get("name"), key, Path(key).stem}:
            return key
    raise UnknownEntryError(name)


def _styles(manifest: dict[str, Any], key: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """List the styles of a chunk and of those it imports, the imported first."""
    if key in seen:
        return []
    chunk = manifest[key]
    styles: list[str] = []
    for imported in chunk.get("imports", []):
        styles += _styles(manifest, imported, seen | {key})
    return [*styles, *chunk.get("css", [])]


def _address(file: str) -> str:
    # Vite has written a digest into the name already.
    return static(f"build/{file}")


@lru_cache(maxsize=4)
def _read(place: Path, changed: int) -> dict[str, Any]:
    del changed  # a new build makes a new entry
    manifest: dict[str, Any] = json.loads(place.read_text())
    return manifest
