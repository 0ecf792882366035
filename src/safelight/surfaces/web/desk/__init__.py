"""What does the desk of an institution do: who treats whom, and whose records are whose?"""
