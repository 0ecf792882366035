"""How does a copy of an exam go to another institution's system, as agreed and on record?"""
