"""Clients of the outside world: SMS, mail, push services and any address that somebody else supplied.

No models and no car-trade words. A gateway translates one call into one provider request and its answer
into a value or a named error; who is told what, and when, is decided further up.
"""
