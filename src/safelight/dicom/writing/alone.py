"""What does a data set say that comes alone, without the head of a file?"""

from __future__ import annotations

from safelight.dicom.json.model import Model, to_json
from safelight.dicom.reading.index import scan
from safelight.dicom.source import BytesSource, Source
from safelight.dicom.writing.from_json import Spliced
from safelight.dicom.writing.part10 import file_meta

_OF_NOTHING = ("1.2.840.10008.1.1", "2.25.1")


def model_of(data_set: Source, transfer_syntax: str) -> Model:
    """Return the DICOM JSON model of a data set: a head is put before it, so that it is a file's.

    Raises:
        UnreadableError: it is none.
    """
    head = file_meta(*_OF_NOTHING, transfer_syntax)
    return to_json(scan(Spliced.of([BytesSource(head), data_set])))
