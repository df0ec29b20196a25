"""Pure functions from a report to text."""
