"""What does a frame hold, and what does it look like?

For the cage only: pixels come from untrusted files.
"""
