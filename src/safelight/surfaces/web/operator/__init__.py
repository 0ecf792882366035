"""The pages of those that run this instance: what is well, what is not, and what was done."""
