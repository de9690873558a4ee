"""The setup pane: assistants, their functions, their settings."""
