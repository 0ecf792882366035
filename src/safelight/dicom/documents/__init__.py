"""How do papers and pictures of everyday life become DICOM objects?

What opens them is for the cage only; what is said of them is not.
"""
