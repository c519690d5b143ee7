"""Which providers do not answer now, for those who look after the product."""

from __future__ import annotations

from gateways import breaker, mail, sms
from gateways.breaker import Outage


def providers_out() -> list[Outage]:
    """The accounts of ours that are out. One question to the cache."""
    return breaker.outages([*(account.name for account in sms.accounts()), *mail.providers()])
