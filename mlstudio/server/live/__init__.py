"""Live events: the hub that fans out, and the three who look: changes, journals, logs."""
