"""To which level does an attribute belong: the study with its patient, the series, or the instance?

From the modules of PS3.3 that describe a patient, a study, a series and the
equipment; whatever is in none of them describes an instance (PS3.4 C.6.1.1).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from safelight.dicom.registry.dictionary import tag_of
from safelight.dicom.registry.tags import json_key

_STUDY: Final = """
    SpecificCharacterSet TimezoneOffsetFromUTC
    PatientName PatientID IssuerOfPatientID TypeOfPatientID IssuerOfPatientIDQualifiersSequence
    SourcePatientGroupIdentificationSequence GroupOfPatientsIdentificationSequence
    PatientBirthDate PatientBirthTime PatientBirthDateInAlternativeCalendar
    PatientDeathDateInAlternativeCalendar PatientAlternativeCalendar PatientSex
    OtherPatientIDs OtherPatientIDsSequence OtherPatientNames PatientBirthName
    PatientMotherBirthName PatientAddress PatientTelephoneNumbers PatientTelecomInformation
    PatientInsurancePlanCodeSequence PatientPrimaryLanguageCodeSequence PatientReligiousPreference
    MilitaryRank BranchOfService CountryOfResidence RegionOfResidence MedicalRecordLocator
    EthnicGroup EthnicGroupCodeSequence PatientComments QualityControlSubject
    PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription
    PatientBreedCodeSequence BreedRegistrationSequence StrainDescription StrainNomenclature
    ResponsiblePerson ResponsiblePersonRole ResponsibleOrganization
    PatientIdentityRemoved DeidentificationMethod DeidentificationMethodCodeSequence
    ReferencedPatientSequence ReferencedPatientPhotoSequence
    ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName
    ClinicalTrialSiteID ClinicalTrialSiteName ClinicalTrialSubjectID
    ClinicalTrialSubjectReadingID ClinicalTrialTimePointID ClinicalTrialTimePointDescription
    AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence PatientAge PatientSize
    PatientSizeCodeSequence PatientWeight PatientBodyMassIndex MedicalAlerts Allergies
    SmokingStatus PregnancyStatus LastMenstrualDate PatientState Occupation
    AdditionalPatientHistory AdmissionID IssuerOfAdmissionIDSequence ServiceEpisodeID
    ServiceEpisodeDescription IssuerOfServiceEpisodeIDSequence PatientSexNeutered SpecialNeeds
    ReasonForVisit ReasonForVisitCodeSequence CurrentPatientLocation
    PatientInstitutionResidence VisitComments
    StudyInstanceUID StudyDate StudyTime StudyID AccessionNumber IssuerOfAccessionNumberSequence
    StudyDescription ReferringPhysicianName ReferringPhysicianIdentificationSequence
    ConsultingPhysicianName ConsultingPhysicianIdentificationSequence PhysiciansOfRecord
    PhysiciansOfRecordIdentificationSequence NameOfPhysiciansReadingStudy
    PhysiciansReadingStudyIdentificationSequence RequestingService
    RequestingServiceCodeSequence ReferencedStudySequence ProcedureCodeSequence
    ReasonForPerformedProcedureCodeSequence
    InstanceAvailability RetrieveURL ModalitiesInStudy SOPClassesInStudy
    NumberOfPatientRelatedStudies NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances
    NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances
"""
_SERIES: Final = """
    Modality SeriesInstanceUID SeriesNumber Laterality SeriesDate
    SeriesTime SeriesType PerformingPhysicianName PerformingPhysicianIdentificationSequence
    ProtocolName SeriesDescription SeriesDescriptionCodeSequence OperatorsName
    OperatorIdentificationSequence ReferencedPerformedProcedureStepSequence
    RelatedSeriesSequence BodyPartExamined PatientPosition AnatomicalOrientationType
    SmallestPixelValueInSeries LargestPixelValueInSeries RequestAttributesSequence
    PerformedProcedureStepID PerformedProcedureStepStartDate PerformedProcedureStepStartTime
    PerformedProcedureStepEndDate PerformedProcedureStepEndTime
    PerformedProcedureStepDescription PerformedProtocolCodeSequence
    CommentsOnThePerformedProcedureStep ClinicalTrialSeriesID ClinicalTrialSeriesDescription
    Manufacturer InstitutionName InstitutionAddress InstitutionCodeSequence StationName
    InstitutionalDepartmentName InstitutionalDepartmentTypeCodeSequence ManufacturerModelName
    ManufacturerDeviceClassUID DeviceSerialNumber SoftwareVersions GantryID DeviceUID
    SpatialResolution DateOfManufacture DateOfInstallation DateOfLastCalibration
    TimeOfLastCalibration FrameOfReferenceUID PositionReferenceIndicator
    NumberOfSeriesRelatedInstances
"""


class Level(IntEnum):
    """A level of the composite information model, the patient counted with the study."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


def _keys(keywords: str) -> frozenset[str]:
    numbers = (tag_of(keyword) for keyword in keywords.split())
    return frozenset(json_key(number) for number in numbers if number is not None)


STUDY_KEYS: Final = _keys(_STUDY)
"""The tags, as eight hex digits, of what describes a patient or a study."""

SERIES_KEYS: Final = _keys(_SERIES)
"""The same of what describes a series."""


def level_of(key: str) -> Level:
    """Return the level that an attribute (eight hex digits) describes."""
    if key in STUDY_KEYS:
        return Level.STUDY
    return Level.SERIES if key in SERIES_KEYS else Level.INSTANCE
