"""Customers, cars and sentences of the demo. People and numbers are invented; example.com belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Car:
    make: str
    model: str
    year: int
    price: int


@dataclass(frozen=True)
class Country:
    """What customers of one country are called, drive and dial. `phone` takes one number below 10,000."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cars: tuple[Car, ...]
    messages: tuple[str, ...]
    phone: str
    phone_room: int


FRANCE = Country(
    first_names=(
        "Paul", "Julie", "Nicolas", "Sophie", "Mehdi", "Élodie", "Thomas", "Aïcha", "Laurent", "Manon",
        "Pierre", "Yasmine", "Olivier", "Céline", "Mathieu", "Nathalie", "Samir", "Aurélie", "Guillaume",
        "Sandrine", "Jean-Marc", "Léa", "Frédéric", "Amandine",
    ),
    last_names=(
        "Martin", "Bernard", "Dubois", "Moreau", "Lefèvre", "Garcia", "Roux", "Fournier", "Bonnet", "Chevalier",
        "Faure", "Rousseau", "Blanchard", "Guérin", "Muller", "Bensalem", "Da Silva", "Nguyen", "Barbier",
        "Schmitt", "Lopez", "Charpentier", "Traoré", "Meunier",
    ),
    cars=(
        Car("Peugeot", "208", 2023, 16490), Car("Peugeot", "2008", 2022, 19990),
        Car("Peugeot", "3008", 2024, 31900), Car("Peugeot", "308 SW", 2023, 24500),
        Car("Renault", "Clio", 2022, 14990), Car("Renault", "Captur", 2023, 20490),
        Car("Renault", "Austral", 2024, 33900), Car("Renault", "Scénic E-Tech", 2025, 38900),
        Car("Citroën", "C3", 2023, 14290), Car("Citroën", "C5 Aircross", 2022, 23990),
        Car("Citroën", "Berlingo", 2023, 22900), Car("Dacia", "Sandero Stepway", 2024, 15890),
        Car("Dacia", "Duster", 2024, 22490), Car("Dacia", "Jogger", 2023, 19900),
        Car("Volkswagen", "Golf", 2021, 21900), Car("Volkswagen", "T-Roc", 2022, 25900),
        Car("Toyota", "Yaris Cross", 2023, 23490), Car("Toyota", "Corolla Touring", 2022, 23900),
        Car("Fiat", "500e", 2023, 19490), Car("Kia", "Sportage", 2023, 29900),
        Car("Hyundai", "Tucson", 2022, 27490), Car("Mini", "Cooper", 2021, 19900),
        Car("Tesla", "Model 3", 2022, 29990), Car("BMW", "Série 1", 2022, 27900),
    ),
    messages=(
        "Bonjour, est-elle toujours disponible ?",
        "Bonjour, je voudrais l'essayer samedi matin si possible.",
        "Reprenez-vous une Clio de 2016 avec 110 000 km ?",
        "Quel serait le financement sur 48 mois avec 3 000 € d'apport ?",
        "Pouvez-vous me rappeler en fin de journée ? Merci.",
        "Faites-vous un geste sur le prix pour un paiement comptant ?",
        "Je cherche une voiture pour ma fille qui vient d'avoir son permis.",
        "Est-ce la boîte automatique ? Et le carnet d'entretien est-il complet ?",
        "La livraison à domicile est-elle possible ?",
        "Y a-t-il encore la garantie constructeur ?",
        "",
    ),
    phone="+3363998{:04d}",
    phone_room=10_000,
)  # fmt: skip

QUEBEC = Country(
    first_names=(
        "Marie-Ève", "Jean-François", "Maxim", "Véronique", "Alexandre", "Geneviève", "Mathis", "Josée",
        "Marc-André", "Annie", "Félix", "Catherine",
    ),
    last_names=(
        "Gagné", "Côté", "Pelletier", "Lavoie", "Fortin", "Bergeron", "Ouellet", "Poirier", "Cloutier",
        "Desrosiers", "Beaulieu", "St-Pierre",
    ),
    cars=(
        Car("Honda", "Civic", 2023, 27900), Car("Honda", "CR-V", 2022, 34500),
        Car("Toyota", "RAV4", 2023, 38900), Car("Toyota", "Corolla", 2022, 25400),
        Car("Mazda", "CX-5", 2023, 35900), Car("Hyundai", "Kona", 2024, 29900),
        Car("Subaru", "Crosstrek", 2023, 33700), Car("Nissan", "Rogue", 2022, 31900),
        Car("Ford", "F-150", 2022, 49900), Car("Kia", "Niro", 2023, 34200),
    ),
    messages=(
        "Bonjour, est-ce que l’auto est encore disponible ?",
        "J'aimerais faire un essai routier en fin de semaine.",
        "Les pneus d'hiver sont-ils inclus ?",
        "Avez-vous un taux de financement sur 60 mois ?",
        "Je voudrais échanger mon RAV4 2017, est-ce possible ?",
        "Hi, is the block heater installed? Please call me after 5.",
        "",
    ),
    phone="+1418555{:04d}",
    phone_room=100,
)  # fmt: skip

COUNTRIES = {"FR": FRANCE, "CA": QUEBEC}
