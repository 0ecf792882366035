"""What the law and the promises ask."""
