"""By when must something be done, who is reminded, and when was it late?

One table of clocks, pure rules that read it, and a row for each thing that runs by one.
"""
