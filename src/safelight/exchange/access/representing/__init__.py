"""People who act for others: how it begins, who verifies it, and how it ends."""
