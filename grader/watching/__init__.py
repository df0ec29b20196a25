"""`learnkit watch`: save a file, and the verdict is there."""
