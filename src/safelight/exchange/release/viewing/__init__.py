"""What a party may look at, and how it leaves: searches, pictures, files."""
