"""How is an exam found among many, and what is it called?"""
