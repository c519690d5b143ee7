"""Exit 0 when /healthz on PORT answers 200: a container's health check, with nothing but Python.

`healthy.py alive` is content with any answer: a web process is not to be restarted because a worker is down.
"""

import os
import sys
import urllib.error
import urllib.request

SECONDS = 4


def status() -> int:
    """The HTTP status of /healthz, asked for by a name that ALLOWED_HOSTS accepts."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    question = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.urlopen(question, timeout=SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


if __name__ == "__main__":
    found = status()
    sys.exit(0 if found == 200 or ("alive" in sys.argv and found == 503) else 1)
