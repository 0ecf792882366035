"""Where do exams come from when nobody may be in them?"""
