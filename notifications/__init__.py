"""The engine: turns each fact that a domain app states into the few messages that the right people need.

It owns the road record → wake → route → plan → deliver → receive, the inbox and the preferences.
It knows no car-trade noun: apps declare their notices, the engine discovers them and does the rest.
"""
