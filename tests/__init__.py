"""Tests by app; `architecture/` guards the shape of the code, `journeys/` drive the real server process."""
