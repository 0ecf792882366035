"""What lies before a clinician, and who of their institution takes it on?"""
