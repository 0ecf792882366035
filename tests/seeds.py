"""What a thief would look for: words and pixels that stand in exams and are said about people."""

from __future__ import annotations

import random
from io import BytesIO

from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID, RLELossless

from story import CT

_chance = random.Random(20260101)  # noqa: S311 (made-up pictures)
PIXELS = tuple(_chance.randbytes(64) for _ in range(3))
UIDS = {
    name: f"1.2.826.0.1.3680043.9.{number}.{_chance.getrandbits(60)}"
    for number, name in enumerate(("study", "series", "fragments", "one", "two", "three", "other"))
}
HEADER = {
    "PatientName": "Nightingalesson^Philomena^Quixotica",
    "OtherPatientNames": "Thrushington^Philomena",
    "PatientID": "MRN-77401182-K",
    "OtherPatientIDs": "OLD-MRN-5530917",
    "IssuerOfPatientID": "Wobblechester Registry",
    "AccessionNumber": "ACC-90817263",
    "StudyID": "STUDY-ID-4711",
    "PatientAddress": "14 Marmalade Crescent Wobblechester",
    "PatientTelephoneNumbers": "+44-5550-918273",
    "PatientMotherBirthName": "Birchwhistle^Honoria",
    "PatientComments": "allergic to gadobutrol since childhood",
    "ReferringPhysicianName": "Crumplehorn^Barnabas",
    "PerformingPhysicianName": "Snickerdale^Ottoline",
    "OperatorsName": "Featherstonehaugh^Rufus",
    "InstitutionName": "Saint Ambrosius Infirmary",
    "InstitutionAddress": "3 Peppercorn Hill Wobblechester",
    "StationName": "SCANNERPEBBLE",
    "DeviceSerialNumber": "SER-66120-PLUM",
    "StudyDescription": "Thorax follow-up of nodule",
    "SeriesDescription": "Axial lung kernel sharp",
    "ProtocolName": "ChestRoutineZebra",
    "RequestedProcedureDescription": "Exclude pulmonary embolism",
    "AdditionalPatientHistory": "worked in asbestos removal",
    "Occupation": "Lighthousekeeper",
    "MilitaryRank": "Vice-Admiralissima",
    "ImageComments": "spiculated margin upper lobe",
}
PEOPLE = {
    "name": "Wilhelmina Foxgloveton",
    "email": "wilhelmina.foxgloveton@marzipan.example",
    "password": "seventeen violet armadillos",
    "unknown": "nobody.atall@quagmire.example",
    "doctor": "Dr Balthasar Nettlebrook",
    "doctor_email": "b.nettlebrook@cobblestone.example",
    "draft_doctor": "Dr Isolde Winterbottom",
    "draft_email": "isolde@winterbottom.example",
    "purpose": "second look before the operation",
    "passphrase": "walnut harbour trumpet meadow",
    "clinic": "Cobblestone University Clinic",
    "clinician": "Leopoldina Marchbanks",
    "label": "script on my tower computer",
}
_NAMES = {part for value in HEADER.values() for part in value.split("^") if len(part) >= 8}
SEEDS: tuple[str | bytes, ...] = (
    *sorted(_NAMES | set(HEADER.values()) | set(PEOPLE.values()) | set(UIDS.values())),
    *PIXELS,
)


def seeded_ct(instance: str, pixels: bytes = PIXELS[0], *, compressed: bool = False) -> bytes:
    """Return a CT with all the words in its header and a run of pixels that cannot be chance."""
    dataset = dcmread(CT)
    for name, value in HEADER.items():
        setattr(dataset, name, value)
    dataset.StudyInstanceUID = UIDS["study"]
    dataset.SeriesInstanceUID = UIDS["series"]
    dataset.SOPInstanceUID = UIDS[instance]
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(UIDS[instance])
    drawn = dataset.PixelData
    dataset.PixelData = drawn[:5000] + pixels + drawn[5000 + len(pixels) :]
    dataset.private_block(0x0029, "SAFELIGHT TESTS", create=True).add_new(1, "OB", PIXELS[2])
    if compressed:
        # Nobody could decode it; it only has to be kept, in a series of its own.
        dataset.SeriesInstanceUID = UIDS["fragments"]
        dataset.file_meta.TransferSyntaxUID = RLELossless
        dataset.PixelData = encapsulate([pixels * 20])
    written = BytesIO()
    dataset.save_as(written)
    return written.getvalue()
