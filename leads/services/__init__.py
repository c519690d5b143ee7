"""What can be done to a lead: receive it, take it, judge a suspect one, hand it out in turn."""

from leads.services.claiming import AlreadyClaimed, ClaimNotAllowed, LeadNotFound, claim_lead
from leads.services.discounts import NotYourLead, ask_for_discount
from leads.services.enquiry import FASTEST_PERSON, LeadEnquiry, VehicleWish
from leads.services.housekeeping import forget_old_keys
from leads.services.idempotency import IdempotencyKeyReused
from leads.services.intake import Intake, receive_lead
from leads.services.quarantine import AlreadyReviewed, Judge, confirm_spam, release_from_quarantine
from leads.services.rotation import set_presence

__all__ = [
    "FASTEST_PERSON",
    "AlreadyClaimed",
    "AlreadyReviewed",
    "ClaimNotAllowed",
    "IdempotencyKeyReused",
    "Intake",
    "Judge",
    "LeadEnquiry",
    "LeadNotFound",
    "NotYourLead",
    "VehicleWish",
    "ask_for_discount",
    "claim_lead",
    "confirm_spam",
    "forget_old_keys",
    "receive_lead",
    "release_from_quarantine",
    "set_presence",
]
