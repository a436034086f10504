"""Verbs of the command line that compare, repeat and check runs; each module offers `add_arguments` and `main`."""
