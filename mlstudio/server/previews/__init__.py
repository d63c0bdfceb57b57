"""Previews of artifacts: a worker process of small rights reads, bounds and draws anew what users made."""
