"""Plugins of the test suite; fixtures live beside the tests."""

pytest_plugins = ["pytest_jupyter.jupyter_server"]
