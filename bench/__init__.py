"""Benchmarks: each stands beside its rivals in the same run, on the same machine, and only ratios are judged.

`make bench` brings private PostgreSQL and Redis. `make bench ARGS=fanout` runs one.
"""
