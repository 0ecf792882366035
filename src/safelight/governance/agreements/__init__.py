"""Which agreements are there with whom, from when until when, and who checked them? (R28)"""
