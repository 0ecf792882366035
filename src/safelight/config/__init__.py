"""Settings, routes and wiring: the composition root. Nothing imports it."""
