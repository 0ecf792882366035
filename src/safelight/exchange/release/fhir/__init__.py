"""What is kept, as FHIR R4 resources: read and searched, behind the one decision point."""
