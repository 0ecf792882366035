"""How does a template show an icon or the lamp?

`{% icon "eye" %}`, `{% lamp %}`, `{% hanging lit=True %}`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from safelight.surfaces.web.static_files import ROOT

register = template.Library()

_LAMP: Final = mark_safe(
    '<svg class="lamp" viewBox="0 0 32 32" aria-hidden="true">'
    '<path class="light" d="M8.5 18h15L31 31H1z"/><path d="M16 1v6"/>'
    '<path class="dome" d="M6 17.5a10 10 0 0 1 20 0z"/></svg>'
)
_DARK: Final = mark_safe(
    '<svg class="hang" viewBox="0 0 150 98" aria-hidden="true"><path class="cord" d="M75 0v34"/>'
    '<path class="cap" d="M68 32h14v8H68z"/><path class="shade" d="M39 74a36 36 0 0 1 72 0z"/>'
    '<ellipse class="mouth" cx="75" cy="75" rx="35" ry="5"/></svg>'
)
_LIT: Final = mark_safe(
    '<svg class="hang" viewBox="0 0 150 98" aria-hidden="true"><defs><radialGradient id="glow">'
    '<stop offset="0" stop-color="#ffd9b0"/>'
    '<stop offset=".35" stop-color="#ff8a4c" stop-opacity=".75"/>'
    '<stop offset="1" stop-color="#ff8a4c" stop-opacity="0"/></radialGradient></defs>'
    '<ellipse cx="75" cy="78" rx="74" ry="34" fill="url(#glow)"/><path class="cord" d="M75 0v34"/>'
    '<path class="cap" d="M68 32h14v8H68z"/><path class="shade" d="M39 74a36 36 0 0 1 72 0z"/>'
    '<path d="M47 77h56l3 8H44z" fill="#ffc593"/></svg>'
)


class UnknownIconError(template.TemplateSyntaxError):
    """The sprite has no icon of this name; add it in frontend/scripts/icons.mjs."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon from the sprite, hidden from readers of the page aloud.

    Raises:
        UnknownIconError: the sprite lacks it.
    """
    if name not in _known():
        raise UnknownIconError(name)
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )


@register.simple_tag
def lamp() -> SafeString:
    """Return the small lamp; it is lit inside an element of class `on`."""
    return _LAMP


@register.simple_tag
def hanging(*, lit: bool) -> SafeString:
    """Return the large lamp of a scene or an empty state."""
    return _LIT if lit else _DARK


@cache
def _known() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "icons.svg").read_text()))
