"""Who may do what with which object in which state? The whole table, and how it is asked."""
