"""REST of the engine: a person's inbox and his devices. Sessions only; a machine has no inbox."""
