"""`python -m tests.golden DIR… [--only GLOBS] [--require-all]`."""

import sys

from .runner import main

sys.exit(main())
