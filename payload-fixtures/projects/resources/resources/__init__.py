"""Data files inside a package."""
