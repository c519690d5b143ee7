"""Chores of the engine, run from the command line."""
