"""The upper layer of DICOM and its messages, spoken from either side. (PS3.7, PS3.8)

`line`, `negotiation` and `conversation` carry an association, `commands`, `statuses` and
`faults` are its words; `calling` begins one, to the system that is meant alone, and
`storing` sends an object in it.
"""
