"""The tools that the engine runs itself."""
