"""Safelight: a medical image exchange in which the person in the pictures decides."""
