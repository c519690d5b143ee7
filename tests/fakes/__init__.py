"""Providers of the outside world as they really speak, on this machine: they check what they get and answer as told."""
