"""The pages by which a person shares: what, who, why and how long, check, done; and takes back."""
