"""The public stock feed: JSON-LD in the words of schema.org, and a table."""
