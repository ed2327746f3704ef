"""Lets any Python program that has this folder on its path find the emulator where Google was.

google-api-python-client reads Google's address in the discovery document that it ships; the folder
DISCOVERY_DOCUMENTS has one in which `rootUrl` is the emulator's. Nothing else is touched.
"""

import os

from googleapiclient import discovery_cache

discovery_cache.DISCOVERY_DOC_DIR = os.environ["DISCOVERY_DOCUMENTS"]
