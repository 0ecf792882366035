"""Errors, ids and the one application clock: what every room may rely on."""
