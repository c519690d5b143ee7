"""What people fill in about the stock."""
