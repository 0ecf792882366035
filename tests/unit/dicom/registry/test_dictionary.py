"""Do our dictionaries say what pydicom's say, without pydicom in the server?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword

from safelight.dicom.registry.dictionary import (
    REPEATING,
    TRANSFER_SYNTAXES,
    VRS,
    private_vrs,
    tag_of,
)

_SAY = "import sys; print([name for name in sys.modules if name.partition('.')[0] == 'pydicom'])"


def test_every_tag_has_the_vr_and_the_keyword_of_the_standard() -> None:
    assert len(VRS) > 5000
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        assert VRS[tag] == vr
        if keyword:
            assert tag_of(keyword) == tag_for_keyword(keyword)


def test_what_is_not_in_the_dictionary_is_not_made_up() -> None:
    assert tag_of("NoSuchKeyword") is None
    assert tag_of("") is None
    assert private_vrs("NOBODY KNOWS ME") == {}


def test_repeating_groups_private_elements_and_transfer_syntaxes_are_there() -> None:
    assert REPEATING["60xx3000"] == "OB or OW"
    assert private_vrs("GEMS_IDEN_01")["0009xx01"] == "LO"
    assert TRANSFER_SYNTAXES["1.2.840.10008.1.2.4.50"].startswith("JPEG Baseline")


@pytest.mark.parametrize("module", ["safelight.config.asgi", "safelight.platform.jobs.worker"])
def test_the_server_and_its_worker_do_not_load_pydicom(module: str, tmp_path: Path) -> None:
    # Its readers belong in the cage, and cost seventy megabytes of every process.
    set_up = "import django; django.setup(); "
    done = subprocess.run(
        [sys.executable, "-c", f"{set_up}import {module}; {_SAY}"],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "safelight.config.settings",
            "SAFELIGHT_DATA": str(tmp_path),
            "SAFELIGHT_ROOT_KEY_FILE": os.environ["SAFELIGHT_ROOT_KEY_FILE"],
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
