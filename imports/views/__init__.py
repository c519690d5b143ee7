"""Pages of imports: feeds, a file before it is taken in, a run with its faults, what a feed has learnt."""
