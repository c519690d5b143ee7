"""One-click decisions: somebody asks, who may decide does so once, and everybody concerned hears of it.

An engine: a domain app declares a kind of request in its `approvals.py` and does the deed when it is approved; this
app owns the question, its answer and their history. It refuses to know what is asked for, and to let a GET decide.
"""
