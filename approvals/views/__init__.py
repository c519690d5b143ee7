"""Pages of requests: the list, one request, and the page that a decision link opens."""

from approvals.views.link import link
from approvals.views.requests import (
    count,
    decide,
    delegate,
    request_detail,
    request_list,
    waiting,
    withdraw,
)

__all__ = ["count", "decide", "delegate", "link", "request_detail", "request_list", "waiting", "withdraw"]
