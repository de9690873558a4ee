"""Messages and steps as they grow: made from the API's objects, extended by stream deltas, shown as views."""
