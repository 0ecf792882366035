"""Do icons and built scripts come out as the pages need them?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template, TemplateSyntaxError

from safelight.surfaces.web.static_files import ROOT
from safelight.surfaces.web.templatetags.build import UnknownEntryError, tags_of

TEMPLATES = ROOT.parent / "templates"
MANIFEST = {
    "src/viewer/viewer.ts": {
        "file": "assets/viewer-abcd1234.js",
        "name": "viewer",
        "isEntry": True,
        "imports": ["_shared.js"],
        "css": ["assets/viewer-abcd1234.css"],
    },
    "_shared.js": {"file": "assets/shared-abcd1234.js", "css": ["assets/shared-abcd1234.css"]},
}


def test_an_icon_is_hidden_from_readers_and_named_by_content() -> None:
    shown = Template('{% load icons %}{% icon "eye" %}').render(Context())

    assert re.fullmatch(
        r'<svg class="i" aria-hidden="true">'
        r'<use href="/static/icons\.[0-9a-f]{12}\.svg#eye"/></svg>',
        shown,
    )


def test_an_icon_that_the_sprite_lacks_is_a_fault() -> None:
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        Template('{% load icons %}{% icon "no-such-icon" %}').render(Context())


def test_the_sprite_is_xml_and_has_every_icon_that_a_template_names() -> None:
    sprite = ET.parse(ROOT / "icons.svg").getroot()  # noqa: S314 (our own file)
    drawn = {symbol.get("id") for symbol in sprite}
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r'\{% icon "([^"]+)"', template.read_text())
    }

    assert named
    assert named <= drawn


def _built(folder: Path) -> Path:
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    return folder


def test_an_entry_brings_its_script_and_the_styles_of_what_it_imports(tmp_path: Path) -> None:
    shown = tags_of("viewer", build=_built(tmp_path))

    assert shown == (
        '<link rel="stylesheet" href="/static/build/assets/shared-abcd1234.css">\n'
        '<link rel="stylesheet" href="/static/build/assets/viewer-abcd1234.css">'
        '<script type="module" src="/static/build/assets/viewer-abcd1234.js"></script>'
    )


def test_without_a_build_a_page_has_no_script(tmp_path: Path) -> None:
    assert tags_of("viewer", build=tmp_path) == ""


def test_an_entry_that_was_not_built_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(UnknownEntryError):
        tags_of("other", build=_built(tmp_path))


def test_no_template_has_a_script_or_a_style_of_its_own() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=")

    for template in TEMPLATES.rglob("*.html"):
        assert not inline.search(template.read_text()), template.name
