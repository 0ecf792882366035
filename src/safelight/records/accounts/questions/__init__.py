"""Questions that a person sets for themselves: asked in addition, worth nothing alone."""
