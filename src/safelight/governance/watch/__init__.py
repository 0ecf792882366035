"""What looks like misuse here, who is told, and what is done about it at once."""
