"""The internal pages: every component, and every page in its states. A demo alone has them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.kernel import clock
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import Scene
from safelight.surfaces.web.internal.scenes import SCENES
from safelight.surfaces.web.static_files import ROOT

_PICTURES: Final = ("chest", "knee", "head")


@require_GET
def pieces_page(request: HttpRequest) -> HttpResponse:
    """Show each component in all its states."""
    _demo_only()
    at = clock.now()
    access = SCENES["access"].make(at)
    context = {
        "scenes": SCENES,
        "exams": cast.exams(at),
        "live": access["live"],
        "ended": access["ended"],
        "lines": cast.happenings(at),
        "titles": {each.study_id: each.title for each in cast.exams(at)},
        "lit": SCENES["home"].make(at)["lamp"],
        "dark": SCENES["home-dark"].make(at)["lamp"],
        "root": "/internal/pictures",
        "faults": {"em": "Write the whole address, with the part after the @"},
        **SCENES["share-done"].make(at),
        "lamp": None,
        "mode": None,
    }
    return render(request, "internal/pieces.html", context)


@require_GET
def scene_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page in one state."""
    _demo_only()
    if name not in SCENES:
        raise Http404
    scene, at = SCENES[name], clock.now()
    context = {"root": "/internal/pictures", "now": at, **scene.make(at), **_reader(scene)}
    return render(request, scene.template, context)


@require_GET
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """Show a drawing in the place of a medical picture."""
    del request
    _demo_only()
    number = next((int(part[5:]) for part in path.split("/") if part.startswith("2.25.")), 0)
    drawing = ROOT / "internal" / f"{_PICTURES[number % len(_PICTURES)]}.svg"
    return HttpResponse(drawing.read_bytes(), content_type="image/svg+xml")


def _reader(scene: Scene) -> dict[str, Any]:
    """Pretend that somebody reads the page, without any account."""
    return {
        "request": SimpleNamespace(
            user=SimpleNamespace(is_authenticated=bool(scene.who)),
            resolver_match=SimpleNamespace(url_name=scene.here),
        ),
        "mode": None,
        "is_provider": scene.who == "provider",
        "is_officer": scene.who == "officer",
        "verifies": scene.here.startswith("desk"),
    }


def _demo_only() -> None:
    if not settings.SAFELIGHT_DEMO:
        raise Http404
