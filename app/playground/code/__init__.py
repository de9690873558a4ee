"""Programs that do what a chat session does, in several languages and for several APIs."""
