"""Who looks after the keys: what there is, what is due, and how is each replaced?"""
