"""Leads over REST: intake for websites, reading for other systems, the claim for a push notification's button."""
