"""The ``mlstudio`` command: one file a command, each parses, calls a room below, and prints.

Promises: an error is one sentence and a hint on stderr, never a traceback of ours; ``--json`` prints
what the HTTP API would send; what a stranger named cannot move the terminal's cursor.
Knows nothing of: SQL, files of the store, HTTP.
"""
