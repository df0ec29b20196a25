"""What must hold of the answers to `training`, and how a wrong one is told from another."""
