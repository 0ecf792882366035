"""Who of an institution treats whom, entered by its desk, and why they open what."""
