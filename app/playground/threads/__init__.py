"""Threads: listed, opened, exported and imported; and the chat sessions that show them."""
