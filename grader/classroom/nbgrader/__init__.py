"""The bridge to nbgrader: courses that it can run, judged as this kit judges."""

MISSING = "nbgrader is not installed; install it with: pip install 'learnkit-nn[classroom]'"
CONFIG = "nbgrader_config.py"  # what nbgrader reads in a course's folder
