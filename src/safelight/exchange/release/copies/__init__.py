"""How is a copy without a name made of an exam, and what becomes of it?"""
