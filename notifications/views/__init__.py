"""Pages of the engine. Each view translates a request into one service or selector call."""
