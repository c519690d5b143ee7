"""Leads: a person who wants a car, from the website form to the salesperson who takes him in charge.

It owns intake (duplicates, quarantine), the pool and the rotation, and the claim that has one winner.
It refuses to send anything: it states facts, and the notifications engine tells people.
"""
