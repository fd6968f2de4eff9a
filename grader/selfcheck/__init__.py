"""A student checks their own notebook: from a terminal, on every save, and in the notebook itself."""
