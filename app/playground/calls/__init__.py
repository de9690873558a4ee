"""Function calls: their outputs, and mocks of them."""
