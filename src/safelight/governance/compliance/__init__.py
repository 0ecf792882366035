"""Statement versions and who accepted which."""
