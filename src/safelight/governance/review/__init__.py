"""Which looks does a person look at again, and what did they find?

Every record of who looked is read by rules that pick what deserves a second look, and a few
at random; a reviewer says of each whether it was right. Nobody reviews what they did.
"""
