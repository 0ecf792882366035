"""People's ways through the product, in Chromium; one instance serves them all."""
