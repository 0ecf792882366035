"""What can be done with accounts: one call, one transaction, one event."""
