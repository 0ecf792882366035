"""QIDO-RS, WADO-RS, STOW-RS and resumable uploads."""
