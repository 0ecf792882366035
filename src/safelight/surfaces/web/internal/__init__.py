"""Pages for those who build the pages; a demo alone shows them."""
