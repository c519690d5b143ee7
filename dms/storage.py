"""How front-end files are named in production: by their content, so that browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# `from "./notes.js"` and `import "./notes.js"`, as our own modules write them.
_IMPORT = r"""(?P<matched>(?P<word>\b(?:from|import)\s+)["'](?P<url>\./[^"']+)["'])"""


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """Rewrites the imports inside our ES modules as well; a module would ask for the unhashed name otherwise.

    Django's own switch for this reads other packages' scripts too, and stops at imports that it cannot resolve.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((_IMPORT, '%(word)s"%(url)s"'),)),
    )
