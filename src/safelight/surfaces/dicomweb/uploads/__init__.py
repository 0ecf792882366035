"""Resumable uploads from our own pages: batches, tus 1.0, verdicts."""
