"""What does a connected system hear that asks whether what it sent is kept? (PS3.4 annex J)"""
