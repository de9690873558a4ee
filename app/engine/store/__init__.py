"""Tables and queries, SQLAlchemy Core."""
