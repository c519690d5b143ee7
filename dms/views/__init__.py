"""Pages that belong to no module: home, the person's own switches, the installable app, the gallery."""
