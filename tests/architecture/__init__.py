"""The shape of the code, kept by tests: floors, scopes, sizes, clock, templates, locks.

Every guard here is shown a breach as well: a guard that cannot go red guards nothing.
"""
