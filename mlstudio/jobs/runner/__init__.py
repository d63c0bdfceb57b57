"""What runs beside a job: supervisor, sandbox, limits, log files, archives, staging.

Promises: a job outlives whoever started it; its exit, its log and its artifacts are on disk
when its supervisor ends; nothing of it stays behind.

Standard library only, and nothing else of mlstudio: this folder is what is copied to a far host.
Knows nothing of: databases, the agent, HTTP.
"""
