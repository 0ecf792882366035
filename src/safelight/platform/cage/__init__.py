"""Limited child processes in which untrusted bytes are decoded."""
