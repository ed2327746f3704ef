"""The application for a WSGI server, `app:app`, and for `flask --app app …`."""

import sys

from scheduler import create_app
from scheduler.config import SettingsError

try:
    app = create_app()
except SettingsError as refusal:
    sys.exit(str(refusal))
