"""Forms of imports: a file that is uploaded, and how a feed is set up."""

from imports.forms.feeds import FeedForm
from imports.forms.uploads import UploadForm

__all__ = ["FeedForm", "UploadForm"]
