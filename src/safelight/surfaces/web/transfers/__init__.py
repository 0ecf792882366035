"""Where does a person or a desk send exams to other institutions, and follow them?"""
