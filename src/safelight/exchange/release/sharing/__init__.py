"""How a person shares an exam, and how a recipient comes in."""
