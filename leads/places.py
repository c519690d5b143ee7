"""Where a lead came from, said once: a dealer calls the website of Lyon « Site web Lyon »."""

from __future__ import annotations

import re


def unsaid_site(source_name: str, site_name: str) -> str:
    """The site's name to put beside the source's, or nothing when the source's says it already, as a word."""
    names_it = re.search(rf"(?<!\w){re.escape(site_name)}(?!\w)", source_name, re.IGNORECASE)
    return "" if names_it else site_name
