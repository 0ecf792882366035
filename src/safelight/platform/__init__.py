"""What carries the exchange: keys, sealed storage, audit, jobs, notices, cage."""
