"""What feeds call things: the words of French, English and German files for the closed lists of the trade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from core.words import fold
from stock.models.words import Fuel, Gearbox, Kind, Segment, VatScheme, VehicleStatus


def _words(table: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Value → the other words for it, which the table lists with commas between them."""
    return {
        value: tuple(word for word in (part.strip() for part in words.split(",")) if word)
        for value, words in table.items()
    }


# Two letters in small are the codes of field P.3 of the French registration certificate.
FUELS = _words(
    {
        Fuel.PETROL: (
            "essence, es, sp, sp95, sp98, sans plomb, super, gasoline, gas, benzin, benzine, "
            "essence sans plomb, super sans plomb, ess, unleaded, regular unleaded, premium unleaded, "
            "gasoline fuel, essence ordinaire, essence reguliere, essence super, essence supreme, ordinaire, "
            "regular, premium, regular gasoline, premium gasoline, "
            "regular gas, petrol/gasoline"
        ),
        Fuel.DIESEL: "gazole, go, gasoil, d, dies, gas-oil, gas oil, diesel fuel, diesel (gazole), gazole (diesel)",
        Fuel.HYBRID: (
            "hybride, eh, gh, hev, mhev, hybride essence, hybride diesel, hybride non rechargeable, "
            "hybride essence electrique, essence hybride, diesel hybride, mild hybrid, micro-hybride, "
            "full hybrid, hybrid (petrol/electric), essence/electrique, hybride leger, hybrid petrol, "
            "hybrid diesel, gas/electric hybrid, gas-electric hybrid, gas electric hybrid, gasoline hybrid, "
            "hybrid gasoline, hybride essence/electrique, essence / electrique, essence-electrique, "
            "hybride auto-rechargeable, "
            "hybride simple, full hybride, hybride 48v, micro hybride, mhev 48v, "
            "hybride (essence/electrique), "
            "gasoline/mild electric hybrid, hybride essence-electrique"
        ),
        Fuel.PLUGIN_HYBRID: (
            "hybride rechargeable, ee, gl, phev, plug-in hybrid, plugin hybrid, plug in hybrid, hybride "
            "essence rechargeable, hybride diesel rechargeable, essence hybride rechargeable, plug-in- "
            "hybrid, hybride plug-in, plug-in hybrid (phev), gas/electric plug-in hybrid, "
            "hybride essence-electrique "
            "rechargeable, hybride branchable, hybride rechargeable (phev), phev essence, hybrid rechargeable"
        ),
        Fuel.ELECTRIC: "electrique, el, elec, bev, ev, 100% electrique, elektro, electricity, electricite, "
        "100 % electrique, electrique (bev), electric fuel system, tout electrique",
        Fuel.LPG: (
            "gpl, gp, eg, essence gpl, essence/gpl, bicarburation essence gpl, autogas, autogas (lpg)"
        ),
        Fuel.CNG: "gnv, gn, en, gaz naturel, natural gas, erdgas, erdgas (cng), bio gnv",
        Fuel.ETHANOL: (
            "fe, e85, superethanol, flexfuel, flex fuel, bioethanol, superethanol e85, ethanol e85"
        ),
        Fuel.HYDROGEN: "h2, hydrogene, wasserstoff, pile a combustible",
        Fuel.OTHER: "autre, ac, andere",
    }
)

GEARBOXES = _words(
    {
        Gearbox.MANUAL: (
            "manuelle, manuel, mecanique, m, man, bvm, bvm5, bvm6, bm, bm5, bm6, boite manuelle, manual "
            "gearbox, manual transmission, schaltgetriebe, meca, 5 vitesses, 6 vitesses, "
            "bvm 5, bvm 6, manuelle 5, manuelle 6, manuelle 5 vitesses, manuelle 6 vitesses, 5-speed manual, "
            "6-speed manual, "
            "5 speed manual, 6 speed manual, manual 5-speed, manual 6-speed, boite mecanique, 6mt, 5mt, "
            "std, standard"
        ),
        Gearbox.AUTOMATIC: (
            "automatique, auto, a, aut, bva, bva6, bva7, bva8, ba, boite automatique, edc, dsg, dct, "
            "cvt, eat6, eat8, e-eat8, tronic, s tronic, tiptronic, robotisee, boite robotisee, "
            "sequentielle, semi-automatique, semi automatic, automatic transmission, automatik, "
            "halbautomatik, x-tronic, bva 6, bva 7, bva 8, bva 9, bva9, bva10, bvr, bvr6, automatique 6, "
            "automatique 7, "
            "automatique 8, automatique 6 rapports, automatique 7 rapports, automatique 8 rapports, "
            "automatique 8 vitesses, "
            "6-speed automatic, 7-speed automatic, 8-speed automatic, 9-speed automatic, 10-speed automatic, "
            "6 speed automatic, "
            "8 speed automatic, 10 speed automatic, automatic 6-speed, automatic 8-speed, "
            "automatic 10-speed, "
            "6at, 8at, "
            "continuously variable, continuously variable transmission, automatic cvt, ivt, ecvt, e-cvt, "
            "double embrayage, "
            "boite auto, dual clutch, edc6, edc7, dsg6, dsg7, eat 8, e-dct6, steptronic, powershift, "
            "multitronic, at"
        ),
    }
)

KINDS = _words(
    {
        Kind.NEW: (
            "vn, neuf, vehicule neuf, neuve, n, neu, neuwagen, new vehicle, 0 km, 0km, vehicules neufs, "
            "brand new, neufs"
        ),
        Kind.USED: (
            "vo, occasion, vehicule d'occasion, occ, o, gebraucht, gebrauchtwagen, used car, pre-owned, u, "
            "cpo, certified, certified pre-owned, certified used, preowned, occasions, d'occasion, "
            "used vehicle, usage, usagee, certifie, vehicule usage"
        ),
        Kind.DEMO: (
            "vd, demonstration, vehicule de demonstration, de demonstration, direction, vehicule de "
            "direction, demonstrateur, demo, vorfuhrwagen, vorfuehrwagen, demonstrator"
        ),
    }
)

STATUSES = _words(
    {
        VehicleStatus.ORDERED: (
            "commande, en commande, commande usine, on order, bestellt, a commander, factory order, "
            "en production"
        ),
        VehicleStatus.IN_TRANSIT: (
            "en arrivage, arrivage, en transit, en cours d'acheminement, transit, incoming, in transit, "
            "en cours de livraison, inbound, in-transit, a venir, a arriver"
        ),
        VehicleStatus.PREPARATION: "en preparation, preparation, atelier, a preparer, frevo, in prep, fre, "
        "in preparation, recon, reconditioning, en atelier, prep, en cours de preparation",
        VehicleStatus.AVAILABLE: (
            "disponible, en stock, stock, dispo, en vente, in stock, for sale, actif, active, online, "
            "en ligne, publie, verfugbar, sur parc, parc, on lot, available now, "
            "disponible immediatement, disponible de suite, en parc, ready, in-stock, oui, en inventaire, a vendre"
        ),
        VehicleStatus.RESERVED: (
            "reserve, reservee, option, en option, sous option, on hold, reserviert, "
            "pending, sale pending, deposit, acompte verse, vente en cours, bdc"
        ),
        VehicleStatus.SOLD: "vendu, vendue, facture, verkauft, vendu non livre",
        VehicleStatus.DELIVERED: "livre, livree, handed over, vendu livre",
        VehicleStatus.WITHDRAWN: "retire, retiree, archive, archivee, inactif, inactive, removed",
    }
)

# Reserved, sold, withdrawn? Whoever knows says it once.
NOT_FOR_SALE = ("non disponible", "not available")

SEGMENTS = _words(
    {
        Segment.CITY: ("citadine, micro-citadine, petite citadine, kleinwagen, city car, small car, mini"),
        Segment.COMPACT: "compacte, berline compacte, hatchback, 4d hatchback, 5d hatchback, 5 portes, bicorps",
        Segment.SALOON: "berline, sedan, 4d sedan, 4dr car, 4dr sedan, limousine, routiere, familiale, berlines",
        Segment.ESTATE: "break, kombi, wagon, estate car, station wagon, sw, 4d wagon",
        Segment.SUV: (
            "4x4, crossover, suv/4x4, suv / 4x4, 4x4 & suv, gelandewagen, tout terrain, 4x4 - suv, "
            "suv crossover, "
            "4d sport utility, 4dr suv, off-road, sport utility, sport utility vehicle, vus, multisegment, "
            "suv - 4x4"
        ),
        Segment.MPV: (
            "monospace, ludospace, minivan, people carrier, passenger van, mini-van, kompaktvan, minibus, "
            "combispace"
        ),
        Segment.COUPE: "coupe, 2d coupe, 2dr coupe, sportive, sportwagen, coupe sport",
        Segment.CABRIOLET: "cabrio, convertible, 2d convertible, decapotable, roadster, cabriolet/roadster",
        Segment.PICKUP: "pick-up, pick up, pickup truck, truck, crew cab, 4d crew cab, 4d supercrew, "
        "extended cab, regular cab, crew cab pickup, supercrew, camion",
        Segment.VAN: (
            "utilitaire, cargo van, fourgon, fourgonnette, vul, vu, camionnette, transporter, kastenwagen, "
            "vehicule utilitaire, chassis cabine, societe, vehicule de societe, light commercial"
        ),
        Segment.OTHER: "autre, autres, andere",
    }
)

VAT_SCHEMES = _words(
    {
        VatScheme.STANDARD: (
            "oui, yes, 1, tva, tva recuperable, recuperable, tva deductible, normal, assujetti, vat "
            "qualifying, true, o, mwst ausweisbar, vat deductible"
        ),
        VatScheme.MARGIN: (
            "non, no, 0, marge, tva sur marge, sur marge, tva a la marge, non recuperable, regime de la "
            "marge, false, n, differenzbesteuert, margin scheme, particulier"
        ),
    }
)

# As the makers write themselves; the other words that files have for them.
_MAKES = _words(
    {
        "Abarth": "",
        "Alfa Romeo": "alfa, alfa-romeo",
        "Alpine": "",
        "Aston Martin": "",
        "Audi": "",
        "Bentley": "",
        "BMW": "",
        "BYD": "",
        "Cadillac": "",
        "Chevrolet": "chevy",
        "Chrysler": "",
        "Citroën": "citroen",
        "Cupra": "",
        "Dacia": "",
        "DS": "ds automobiles",
        "Ferrari": "",
        "Fiat": "",
        "Ford": "",
        "Genesis": "",
        "GMC": "",
        "Honda": "",
        "Hyundai": "",
        "Infiniti": "",
        "Isuzu": "",
        "Iveco": "",
        "Jaguar": "",
        "Jeep": "",
        "Kia": "",
        "KGM": "",
        "Lamborghini": "",
        "Lancia": "",
        "Land Rover": "land-rover, landrover, range rover",
        "Leapmotor": "",
        "Lexus": "",
        "Lincoln": "",
        "Lotus": "",
        "Lynk & Co": "lynk&co, lynk",
        "Maserati": "",
        "Mazda": "",
        "Mercedes-Benz": "mercedes, mercedes benz, mb, mercedes-amg, mercedes amg",
        "MG": "mg motor",
        "Mini": "",
        "Mitsubishi": "",
        "Nissan": "",
        "Opel": "",
        "Peugeot": "",
        "Polestar": "",
        "Porsche": "",
        "RAM": "ram trucks, dodge ram",
        "Renault": "",
        "Rolls-Royce": "rolls royce",
        "Seat": "",
        "Škoda": "skoda",
        "Smart": "",
        "SsangYong": "ssangyong",
        "Subaru": "",
        "Suzuki": "",
        "Tesla": "",
        "Toyota": "",
        "Volkswagen": "vw, volkswagen utilitaires, vw utilitaires",
        "Volvo": "",
        "Xpeng": "",
    }
)


@cache
def makes() -> Mapping[str, str]:
    """What files call a make, folded → the make."""
    found = {fold(make): make for make in _MAKES}
    found.update({fold(other): make for make, others in _MAKES.items() for other in others})
    return found
