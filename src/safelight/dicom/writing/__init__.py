"""How is an object written: from a JSON model, or in another transfer syntax?"""
