"""How does an object become a copy that does not say whose it is? (PS3.15 annex E)"""
