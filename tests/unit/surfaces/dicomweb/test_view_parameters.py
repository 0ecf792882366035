"""What a caller may say about how a picture looks, and what is refused by name."""

from __future__ import annotations

import pytest

from safelight.dicom.pixels.voi import VoiFunction, VoiWindow
from safelight.kernel.errors import InvalidFieldError
from safelight.surfaces.dicomweb.view_parameters import quality, viewport, window


def test_nothing_said_leaves_it_to_us() -> None:
    assert viewport("") is None
    assert window("") is None
    assert quality("") == 90


def test_what_is_said_is_read() -> None:
    assert viewport("640,480") == (640, 480)
    assert viewport("640.0,480,0,0,10,10") == (640, 480)
    assert window("-600,1500") == VoiWindow(-600, 1500)
    assert window("1.5,2.5,sigmoid") == VoiWindow(1.5, 2.5, VoiFunction.SIGMOID)
    assert window("40,400,LINEAR-EXACT") == VoiWindow(40, 400, VoiFunction.LINEAR_EXACT)
    assert quality("100") == 100


@pytest.mark.parametrize(
    "text", ["640", "0,1", "8193,1", "a,b", "nan,1", "1e9,1", "-5,5", ",", "²,1"]
)
def test_impossible_sides_are_refused(text: str) -> None:
    with pytest.raises(InvalidFieldError, match="8192"):
        viewport(text)


@pytest.mark.parametrize("text", ["1", "1,0", "1,-1", "nan,1", "1,inf", "1,2,cubic", "a,b,linear"])
def test_impossible_windows_are_refused(text: str) -> None:
    with pytest.raises(InvalidFieldError, match="center"):
        window(text)


@pytest.mark.parametrize("text", ["0", "101", "-1", "1.5", "²", "9" * 5000])
def test_impossible_qualities_are_refused(text: str) -> None:
    with pytest.raises(InvalidFieldError, match="100"):
        quality(text)
