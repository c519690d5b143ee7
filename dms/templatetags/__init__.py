"""Template tags of the application shell."""
