"""A copy of everything the server keeps, in one file that fits every database and every blob store."""
