"""What lets one process run the whole product: SQLite, a broker in memory, a worker and beat in threads.

Nothing here holds anything that must survive: events and deliveries are rows, the broker carries hints,
and the sweep finds what a `kill -9` interrupted. Production uses none of these modules.
"""
