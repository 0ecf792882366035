"""What does the running program say of itself to whoever runs it? Lines and counts."""
