"""What does an object say in the DICOM JSON model? (PS3.18 annex F)"""
