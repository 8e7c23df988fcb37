"""`python -m hub`: the same as the `hark` command."""

import sys

from hub.cli.command import main

sys.exit(main())
