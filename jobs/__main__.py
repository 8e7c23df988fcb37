"""`python -m jobs`: the same as `hark worker`."""

import sys

from jobs.worker import main

sys.exit(main())
