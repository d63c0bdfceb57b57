"""``python -m mlstudio.cli``: the command, where its script is not on PATH."""

import sys

from mlstudio.cli.main import main

sys.exit(main())
