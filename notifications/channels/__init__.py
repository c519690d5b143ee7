"""One folder a channel: an adapter that makes one provider call, and a sandbox that needs no account.

An adapter fits the words to the channel and calls the provider. Preferences, consent, quiet hours, retries,
limits and the record belong to the engine. `base` says what an adapter is and which one is in use.
"""
