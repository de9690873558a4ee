"""Copies what another service keeps to the built-in engine; nothing is deleted at the origin."""
