"""Template tags of the stock's pages."""
