"""The API's words: pydantic objects of v2, stream events."""
