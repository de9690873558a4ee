"""File search: reading documents, cutting them into chunks, finding passages."""
