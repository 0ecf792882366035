"""The only ways out, and the disclosures they leave."""
