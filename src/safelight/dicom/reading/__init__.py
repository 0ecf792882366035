"""What is in this file, and may it be let in?"""
