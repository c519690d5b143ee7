"""The project's settings, one short file a topic; read them like a table of contents.

Every value that a deployment may choose comes from the environment through `env`. See deploy/env.example.
"""

# ruff: noqa: F403 - assembling the topics is this file's whole purpose
from .mode import *  # isort: skip
from .accounts import *
from .api import *
from .apps import *
from .cache import *
from .channels import *
from .database import *
from .files import *
from .language import *
from .logging import *
from .mail_in import *
from .security import *
from .static import *
from .stock import *
from .tasks import *
