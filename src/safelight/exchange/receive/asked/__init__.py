"""How does somebody without an account send exams to a person or a desk that asked for them?"""
