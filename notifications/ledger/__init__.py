"""The no-loss ledger: every night each group's facts, events, people and messages are held against each other.

`statements`: what the apps above say of their own side. `equation`: one day's figures and differences. `keeping`: one
row a night. `reading`: the page and /healthz.
"""
