"""What does somebody ask of us by right, where does it stand, and what was answered?"""
