"""What stands in the way of grading a class."""


class ClassroomError(Exception):
    """Something about what was asked for stands in the way; the message says what."""
