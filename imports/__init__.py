"""Imports: files of other systems become rows of ours, each of them created, updated, unchanged or in error.

An engine: a domain app declares in its `importers.py` which fields it takes and where they are written; this app owns
feeds, files, mappings, runs with their progress, faults and undo. It refuses to know what a row is about.
"""
