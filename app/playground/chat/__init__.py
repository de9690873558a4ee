"""What happens in the chat pane."""
