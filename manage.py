#!/usr/bin/env python
"""Django's own commands, for developers: `python manage.py …`; people use `niva manage …`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niva.config.settings")

from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
