"""The built-in model: a small local model for a start without keys, run in a process of its own."""
