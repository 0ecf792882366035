"""In what forms does the record leave for other systems, and what was sent already?

FHIR AuditEvents, the audit messages of DICOM, and a table. None of them holds a name: they
say of each entry what the record says in the clear, in the words of a standard.
"""
