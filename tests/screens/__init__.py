"""Screens: home, the switches of the user menu, the inbox pages, the installable app, the gallery, error pages."""
