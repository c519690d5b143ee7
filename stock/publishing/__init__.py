"""What of the stock everybody may see: which vehicles, which fields of them, which photos, and since when."""
