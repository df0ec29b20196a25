"""Judge what learners write."""
