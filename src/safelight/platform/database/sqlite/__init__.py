"""How does Safelight use SQLite from several processes? As Django does, but in turns."""
