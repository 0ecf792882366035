"""What changed in how handovers are kept."""
