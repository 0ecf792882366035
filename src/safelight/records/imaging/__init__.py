"""Vaults, patients, studies, series, instances: what is kept and how it is found."""
