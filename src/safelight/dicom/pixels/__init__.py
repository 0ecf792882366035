"""Where are the pixels of an image, and how are they meant to be seen?

Read from what an object says of them; no pixel is touched here.
"""
