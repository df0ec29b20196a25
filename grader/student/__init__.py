"""The process boundary: a learner's code runs over there, plain values come back."""
