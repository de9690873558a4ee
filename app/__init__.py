"""Assistants Playground: the page, the Assistants API engine behind it, and connections to other services."""
