"""How fast is Safelight? A workload and a harness of its own."""
