"""The only way in: decide, take in, record."""
