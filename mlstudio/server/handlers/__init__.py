"""Handlers, one module per noun. Each verb parses, asks, and replies; errors become answers in `server.base`."""
