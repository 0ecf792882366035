"""Sealed packs: put, open, verify, destroy."""
