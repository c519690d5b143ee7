"""Set-up, checks and test runs: what the Makefile calls.

Everything that runs before `.venv` exists uses the standard library only and any Python from 3.11 on.
Nothing of the product imports from here.
"""
