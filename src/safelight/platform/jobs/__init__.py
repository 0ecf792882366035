"""Durable background work in the database."""
