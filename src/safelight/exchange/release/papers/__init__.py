"""What can be handed over on paper, or as a file, of a consent and of what left under it?"""
