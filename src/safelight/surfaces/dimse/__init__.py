"""DIMSE: how do hospitals' systems that speak DICOM over TCP reach us? (PS3.7, PS3.8)"""
