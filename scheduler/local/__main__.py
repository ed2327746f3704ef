"""`python -m scheduler.local`: everything that trying Greenroom takes, in one terminal."""

import os
import sys

from scheduler.local.run import main

sys.exit(main(os.environ))
