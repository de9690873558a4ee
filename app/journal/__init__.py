"""The numbered record of what happened in a chat session."""
