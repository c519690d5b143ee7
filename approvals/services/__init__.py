"""What can be done with a request: ask, decide, pass on, withdraw; and what time does to it."""

from approvals.services.asking import AlreadyAsked, NobodyToAsk, ask_for_approval
from approvals.services.deciding import (
    AlreadyDecided,
    DecisionNotAllowed,
    RequestChanged,
    RequestNotFound,
    decide_request,
    lapse_requests,
    withdraw_request,
)
from approvals.services.delegating import NotAColleague, delegate_request
from approvals.services.waiting import expire_overdue, groups_with_work, remind_overdue

__all__ = [
    "AlreadyAsked",
    "AlreadyDecided",
    "DecisionNotAllowed",
    "NobodyToAsk",
    "NotAColleague",
    "RequestChanged",
    "RequestNotFound",
    "ask_for_approval",
    "decide_request",
    "delegate_request",
    "expire_overdue",
    "groups_with_work",
    "lapse_requests",
    "remind_overdue",
    "withdraw_request",
]
