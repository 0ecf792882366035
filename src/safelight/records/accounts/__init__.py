"""People, organisations, memberships, credentials and proof of the moment."""
