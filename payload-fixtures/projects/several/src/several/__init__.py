"""Two scripts in one project."""
