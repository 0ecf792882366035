"""What is kept elsewhere, so that a loss is not the end: backups, journal, restore, drill."""
