"""`python -m niva`: the same as the command `niva`."""

import sys

from niva.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
