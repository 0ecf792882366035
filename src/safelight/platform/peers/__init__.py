"""How is another system reached, and only the one that is meant?"""
