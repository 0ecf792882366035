"""The one decision point, and the one way to list what an actor may see."""
