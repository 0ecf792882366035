"""Which numbers and names has the Standard given out? (PS3.6)"""
