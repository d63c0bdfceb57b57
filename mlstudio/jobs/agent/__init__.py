"""The agent: one detached process per user and home that follows what must outlive a notebook.

Started on demand (`ensure`), found through a Unix socket that only its user may open, gone after
half an hour without work. It queues jobs, has supervisors forked for them, brings their status
and metrics into the store, and carries out stop requests. Killing it hurts no job: the next one
adopts what lives and closes what died.
"""
