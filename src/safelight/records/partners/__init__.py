"""With which other systems is an institution connected, and how are they known?"""
