"""Colours, equipment, places and sentences of the demo's cars."""

from __future__ import annotations

# Paint of the drawings -> what makers call it, and how many of a hundred cars wear it.
COLOURS: dict[str, tuple[tuple[str, ...], int]] = {
    "white": (("Blanc Banquise", "Blanc Nacré", "Blanc Glacier"), 23),
    "grey": (("Gris Artense", "Gris Platinium", "Gris Titanium"), 20),
    "black": (("Noir Perla Nera", "Noir Étoilé", "Noir Intense"), 17),
    "silver": (("Gris Argent", "Argent Métallisé"), 9),
    "blue": (("Bleu Vertigo", "Bleu Iron", "Bleu Celebes"), 11),
    "night": (("Bleu Nuit", "Bleu Abysse"), 5),
    "red": (("Rouge Elixir", "Rouge Flamme"), 6),
    "green": (("Vert Olivine", "Vert Cèdre"), 3),
    "beige": (("Sable", "Beige Dune"), 2),
    "orange": (("Orange Fusion", "Orange Atacama"), 2),
    "yellow": (("Jaune Faro",), 1),
    "brown": (("Marron Vison",), 1),
}

OPTIONS = (
    "Caméra de recul", "Radar de stationnement avant et arrière", "Apple CarPlay et Android Auto", "GPS",
    "Sièges chauffants", "Toit ouvrant panoramique", "Jantes alliage 18\"", "Feux antibrouillard", "Attelage",
    "Régulateur de vitesse adaptatif", "Phares à LED", "Accès et démarrage mains libres", "Hayon motorisé",
    "Climatisation automatique bizone", "Alerte de franchissement de ligne", "Détecteur d'angle mort",
    "Sellerie cuir", "Volant chauffant", "Roue de secours", "Vitres arrière surteintées",
)  # fmt: skip
OPTIONS_OF_WINTER = ("Pneus d'hiver montés", "Chauffe-bloc", "Démarreur à distance")

DESCRIPTIONS = (
    "Première main, carnet d'entretien complet, révisée dans nos ateliers. Garantie 12 mois.",
    "Véhicule suivi en réseau, deux clés, non fumeur. Contrôle technique de moins de six mois.",
    "Très bel état intérieur et extérieur. Reprise possible de votre ancien véhicule.",
    "Ancien véhicule de direction, entretien constructeur, garantie constructeur en cours.",
    "",
    "",
)

COSTS = (
    ("Préparation esthétique", 180), ("Révision et vidange", 260), ("Quatre pneus", 420), ("Contrôle technique", 75),
    ("Plaquettes et disques avant", 310), ("Débosselage sans peinture", 150), ("Photos et mise en ligne", 40),
)  # fmt: skip

# Where cars stand, by status.
LOTS = {
    "available": tuple(f"{row}{place:02d}" for row in "ABCD" for place in range(1, 25)),
    "preparation": ("Atelier 1", "Atelier 2", "Lavage", "Carrosserie"),
    "reserved": tuple(f"R{place:02d}" for place in range(1, 13)),
}
SHOWROOM = ("Showroom 1", "Showroom 2", "Showroom 3", "Vitrine")
