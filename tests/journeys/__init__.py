"""Journeys: the real server process, most often with a real browser in front of it."""
