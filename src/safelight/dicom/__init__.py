"""The DICOM Standard as plain code: no framework, no database, no network."""
