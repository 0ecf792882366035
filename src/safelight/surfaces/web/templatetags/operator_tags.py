"""Where can somebody that runs this instance go from here?"""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from safelight.surfaces.web.operator.rooms import rooms_of

register = template.Library()


@register.inclusion_tag("operator/_rooms.html", takes_context=True)
def operator_rooms(context: Context) -> dict[str, Any]:
    """Show the places that the reader's roles open; `here` is the route of this page."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = context.get("room") or getattr(match, "url_name", "")
    return {"rooms": rooms_of(context.get("staff_roles") or frozenset()), "here": here}
