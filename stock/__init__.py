"""Stock: every vehicle of a group on every site, from the order to the handover, and what its people do with it.

It owns identity, prices, photos, history, thresholds, ageing, transfers between sites and what customers look for. It
refuses to know leads and invoices, which stand above it, and to send anything: it states facts.
"""
