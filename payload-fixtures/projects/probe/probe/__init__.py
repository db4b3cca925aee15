"""Shows what a process sees: its arguments, environment, interpreter, signals."""
