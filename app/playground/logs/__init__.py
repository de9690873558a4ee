"""The logs pane, and what a run's model was sent."""
