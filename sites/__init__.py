"""Tenancy and people: groups, their sites and opening hours, users, memberships, roles and API keys.

It owns the question « who may see this? » and opens the tenant scope that every query needs.
It refuses car-trade rules: those live in the domain apps, which only name the permissions they need.
"""
