"""How a command ends early: with one line, and the exit status of whose fault it was."""

__all__ = ["CallError", "InputError"]


class InputError(Exception):
    """The input is not what the command reads."""

    status = 1


class CallError(Exception):
    """The command cannot do what it was called for."""

    status = 2
