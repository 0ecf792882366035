"""Messages to people: templates and delivery."""
