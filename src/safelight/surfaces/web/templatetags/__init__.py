"""Words, icons and built scripts for templates."""
