"""How does a clinician work with the pictures? OHIF's viewer, in a page of ours."""
