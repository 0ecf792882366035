"""How does somebody leave: make their account inactive, come back in time, or see it closed?"""
