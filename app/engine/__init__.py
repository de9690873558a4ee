"""The embedded Assistants service; knows nothing of HTTP servers or pages."""
