"""How the room's tables came to be."""
