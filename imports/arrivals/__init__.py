"""How a feed's file reaches us without anybody carrying it: fetched on a schedule, or sent by email."""
