"""The chained record of what happened, and its verifier."""
