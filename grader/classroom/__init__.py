"""A class: what was handed in, graded in many processes, kept in a database, and shown."""
