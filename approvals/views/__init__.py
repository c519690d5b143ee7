"""Pages of requests: the list, one request, and the page that a decision link opens."""

from approvals.views.link import link
from approvals.views.requests import (
    count,
    decide,
    delegate,
    part,
    request_detail,
    request_list,
    withdraw,
)

__all__ = ["count", "decide", "delegate", "link", "part", "request_detail", "request_list", "withdraw"]
