"""Requests over REST: reading them, and the two buttons."""
