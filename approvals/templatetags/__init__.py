"""Template tags of the pages of requests."""
