"""How the key store came to look as it does."""
