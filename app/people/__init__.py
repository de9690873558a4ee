"""Who uses the server: people, how they sign in, and the keys of their programs."""
