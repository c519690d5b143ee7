"""`make chaos`: what is promised to hold while things break, tried on private servers and told in one table."""
