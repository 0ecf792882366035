"""Which acts need two people, and what opens an exam to somebody who has no relation to it?"""
