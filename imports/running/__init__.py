"""A run on its way: read the file, compare it with what is here, write chunk by chunk, finish. And back again."""
