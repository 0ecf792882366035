"""Express Consent: what was agreed, by whom, for whom, why, until when."""
