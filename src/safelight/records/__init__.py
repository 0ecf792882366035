"""Who and what: accounts and imaging."""
