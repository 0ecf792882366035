"""The heart: consent, access, receive, release."""
