"""The pages of people who act for others."""
