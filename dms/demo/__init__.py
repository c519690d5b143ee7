"""The demo: a seeded group to play with and a public dealer page; it refuses to exist outside demo mode."""
