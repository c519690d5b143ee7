"""The demo's stock: cars as French and Québec dealers have them, with a past; all of it invented."""
