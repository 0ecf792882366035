"""How does a stranger check what this instance signed, with Python and nothing of ours?

Standard library only. `one_file.py` puts these parts together into the programs that are
handed out, each one file.
"""
