"""The exchange as FHIR R4, for reading: /fhir, described at /fhir/metadata."""
