"""What the two databases, SQLite and PostgreSQL, do differently, said in one place."""
