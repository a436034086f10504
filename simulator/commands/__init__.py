"""What a person can ask of the simulator: one module a verb, loaded only when its verb is called.

A verb's module offers `add_arguments(parser)` and `main(args) -> int`, the exit code.
"""
