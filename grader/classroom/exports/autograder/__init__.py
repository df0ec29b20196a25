"""An autograder for Gradescope: how its zip is made, and what runs over there."""

# What stands in the zip, beside setup.sh, run_autograder and the wheel.
SETTINGS = "learnkit.json"
ASSIGNMENT = "assignment.toml"
TOPICS = "topics"
