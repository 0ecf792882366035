"""The changes of this room's tables."""
