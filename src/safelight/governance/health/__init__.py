"""How is this instance? Read from what it keeps anyway; nothing here is about a person."""
