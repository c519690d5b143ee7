"""What dealers' systems and portals call their columns, in French, English and German; compared without accents."""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
stock_number: numero de stock, n° de stock, no stock, n° stock, num stock, stock, stock number, stock no,
    stock id, stocknumber, ref, reference, référence, ref stock, reference interne, ref interne, numero
    police, n° police, police, vo id, id vehicule, identifiant, id, internal number, interne nummer,
    internal id, code vo, numero vo, n° vo, dossier, n° dossier, numero interne, reference vehicule, vehicle
    id, offer reference, customer number
vin: vin, n° de serie, numero de serie, no serie, n° serie, chassis, n° chassis, numero de chassis, numero
    chassis, vin number, code vin, n° vin, numero vin, identification number, fin, fahrgestellnummer
plate: immatriculation, immat, plaque, n° immatriculation, numero immatriculation, plate, license plate,
    licence plate, registration, registration number, kennzeichen, numero d'immatriculation, imat
site: site, point de vente, concession, etablissement, agence, lieu, localisation, location, dealer,
    dealership, nom concession, code site, affaire, succursale, garage, seller
kind: type, vn vo, vn/vo, genre, type vehicule, neuf occasion, neuf/occasion, condition, kind, vehicle type,
    etat vente, nature, type de vehicule, new used, offer type, neufahrzeug
status: statut, status, etat, etat du stock, disponibilite, availability, situation, etape, state, statut
    stock, statut vehicule
make: marque, make, brand, constructeur, manufacturer, marke, libelle marque, marque vehicule
model: modele, model, modell, libelle modele, gamme, nom du modele, modele commercial, modele vehicule,
    model name, famille
version: version, finition, trim, libelle version, version commerciale, modele version, model description,
    libelle, designation, titre, title, variant, declinaison, version finition, type variante version
segment: segment, carrosserie, categorie, category, body, body type, bodytype, body style, kategorie, type
    carrosserie, type de carrosserie, silhouette, car type
fuel: energie, carburant, fuel, fuel type, fueltype, motorisation, kraftstoffart, kraftstoff, type
    carburant, type de carburant, type energie, source energie
gearbox: boite, boite de vitesse, boite de vitesses, bv, transmission, gearbox, gear, getriebe, type boite,
    type de boite, boite vitesse, transmission type, gear type
power: puissance, puissance din, puissance reelle, ch, cv din, chevaux, power, power hp, hp, ps, puissance
    ch, puissance (ch), horsepower, puissance dyn, puissance moteur
power_kw: kw, puissance kw, puissance (kw), power kw, leistung, leistung kw
co2: co2, emission co2, emissions co2, rejet co2, taux co2, co2 emission, co2 emissions, emission
mileage: kilometrage, km, kms, kilometres, mileage, odometer, compteur, kilometer, kilometrage reel,
    kilometrage compteur, mileage km, kilometrage (km), nb km
first_registration: date mec, mec, date de mise en circulation, mise en circulation, dmec, date 1ere mise en
    circulation, 1ere mise en circulation, 1re mise en circulation, date premiere immatriculation, date 1ere
    immat, first registration, first registration date, registration date, ez, erstzulassung, date mise en
    circulation, date de premiere mise en circulation, date immatriculation, date 1ere mec, date de 1ere
    mise en circulation
year: annee, year, millesime, annee modele, annee modele (millesime), model year, modelyear, am, baujahr,
    annee vehicule
colour: couleur, colour, color, teinte, couleur exterieure, couleur ext, exterior color, exterior colour,
    farbe, coloris, libelle couleur, teinte exterieure, body color
doors: portes, nb portes, nombre de portes, doors, nbre portes, tueren, nb de portes
seats: places, nb places, nombre de places, seats, sitze, nbre places, nb de places
options: options, equipements, equipement, equipment, features, liste equipements, options et equipements,
    equipements serie, ausstattung, liste options, equipements et options
description: description, commentaire, commentaires, comments, texte, texte annonce, annonce, bemerkung,
    descriptif, remarques, description commerciale, observations, notes, seller comments
lot: emplacement, lot, parc, place, zone, parking, yard, place parking, rangee
list_price: prix catalogue, prix neuf, list price, msrp, tarif, prix tarif, prix public, prix catalogue ttc,
    prix neuf ttc, original price, listenpreis
price: prix, prix de vente, prix affiche, prix ttc, prix vente ttc, prix de vente ttc, pv ttc, price, web
    price, internet price, selling price, prix web, prix internet, prix public ttc, preis, asking price,
    prix vente, pvttc, prix client, sale price, sales price, prix annonce, prix particulier, price ttc
min_price: prix plancher, prix mini, prix minimum, lowest price, min price, minimum price, floor price
purchase_price: prix d'achat, prix achat, pa, prix achat ttc, prix d'achat ttc, purchase price, cost, cout,
    haendlerpreis, valeur achat, prix d'achat ht, prix achat ht, prix de reprise, dealer price, prix de
    revient
vat_scheme: tva, tva recuperable, regime tva, regime de tva, vat, mwst, vat scheme, tva deductible, vat
    deductible, tva oui non, mwst ausweisbar
photo_urls: photos, photo, images, image, url photos, photos url, urls photos, liens photos, image url,
    image urls, photo url, photo urls, pictures, bild, bilder, liste photos, url images, medias, image link
arrived_on: date entree, date d'entree, entree stock, date entree stock, date d'entree en stock, date de
    rentree, date rentree, in stock since, stock date, date in stock, date stock, date arrivee, date
    d'achat, arrival date, entry date, date entree en stock, date achat
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """« field: header, header » a line; what is indented goes on with the line before."""
    lines = table.replace("\n    ", " ").strip().splitlines()
    return {
        name: tuple(header.strip() for header in headers.split(","))
        for name, _colon, headers in (line.partition(":") for line in lines)
    }


# Field of the importer -> what files call it.
HEADERS: Mapping[str, tuple[str, ...]] = _read(_TABLE)
