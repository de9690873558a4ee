"""The connected resource: which one a chat uses, and those that owners make; moves from them."""
