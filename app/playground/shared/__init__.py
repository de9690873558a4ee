"""Threads that anybody may read by a link: how links are made, and what they show."""
