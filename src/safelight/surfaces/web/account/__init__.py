"""Signing up, signing in, staying safe: the pages about oneself."""
