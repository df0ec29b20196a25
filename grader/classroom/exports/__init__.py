"""Grades for other systems, each in the format that it documents."""
