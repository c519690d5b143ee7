"""What dealers' systems and portals call their columns, in French, English and German; compared without accents."""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
stock_number: numero de stock, n° de stock, no stock, n° stock, num stock, stock, stock number, stock no, stock id,
    stocknumber, ref, reference, référence, ref stock, reference interne, ref interne, numero police, n° police,
    police, vo id, id vehicule, identifiant, id, internal number, interne nummer, internal id, code vo, numero vo,
    n° vo, dossier, n° dossier, numero interne, reference vehicule, vehicle id, offer reference, customer number,
    numero, n°, sku, ref vo, stock num, stk, stk no, inventory number, numero d'inventaire, no d'inventaire, no
    inventaire, n° parc, numero parc, code interne, unit number, code vehicule
vin: vin, n° de serie, numero de serie, no serie, n° serie, chassis, n° chassis, numero de chassis, numero chassis,
    vin number, code vin, n° vin, numero vin, identification number, fin, fahrgestellnummer, serial number, serial,
    niv, numero d'identification, vin complet, vehicle identification number
plate: immatriculation, immat, plaque, n° immatriculation, numero immatriculation, plate, license plate, licence
    plate, registration, registration number, kennzeichen, numero d'immatriculation, imat, plaque d'immatriculation,
    n° d'immatriculation, immatriculation actuelle, license plate number, no de plaque
site: site, point de vente, concession, etablissement, agence, lieu, localisation, location, dealer, dealership, nom
    concession, code site, affaire, succursale, garage, seller, lieu de stockage, site de vente, nom du site,
    succursale nom, dealer name, location name, store, etablissement vendeur, lieu de vente
kind: vn vo, vn/vo, neuf occasion, neuf/occasion, kind, etat vente, new used, neufahrzeug, neuf ou occasion, vo vn,
    stock type, inventory type, new or used, neuf usage, neuf ou usage
status: statut, status, etat du stock, disponibilite, availability, statut stock, statut vehicule, vehicle status,
    statut commercial, sale status, etat commercial
make: marque, make, brand, constructeur, manufacturer, marke, libelle marque, marque vehicule, brand name, make
    name, manufacturer name, nom marque, marque commerciale
model: modele, model, modell, libelle modele, gamme, nom du modele, modele commercial, modele vehicule, model name,
    famille, modele court, model line, nom modele, gamme modele
version: version, finition, trim, libelle version, version commerciale, modele version, model description, libelle,
    designation, titre, title, variant, declinaison, version finition, type variante version, version complete,
    series, serie, vehicle configuration, trim level, libelle commercial, libelle court, libelle long, niveau de
    finition, submodel, style, model version, version modele
segment: segment, carrosserie, body, body type, bodytype, body style, kategorie, type carrosserie, type de
    carrosserie, silhouette, car type, style carrosserie, vehicle body, type de vehicule carrosserie, carrosserie
    type
fuel: energie, carburant, fuel, fuel type, fueltype, kraftstoffart, kraftstoff, type carburant, type de carburant,
    type energie, source energie, carb, energ, nrj, carburant energie, fuel description
gearbox: boite, boite de vitesse, boite de vitesses, bv, gearbox, gear, getriebe, type boite, type de boite, boite
    vitesse, transmission type, gear type, bte, boite vit, bte vitesse, bte vitesses, type transmission, vehicle
    transmission, boite a vitesses, boite vitesses, type de transmission, transmission description
power: puissance, puissance din, puissance reelle, ch, cv din, chevaux, power, power hp, hp, ps, puissance ch,
    puissance (ch), horsepower, puissance dyn, puissance moteur, puiss din, puiss reelle, puiss ch, puissance (ch
    din), din, chevaux din, puissance din ch, puiss
power_kw: kw, puissance kw, puissance (kw), power kw, leistung, leistung kw, puiss kw, puissance en kw, enginepower
    kw, engine power kw
co2: co2, emission co2, emissions co2, rejet co2, taux co2, co2 emission, co2 emissions, emission, co2 g km,
    emissions de co2, emission de co2, co2 mixte, co2 wltp, co2 wltp g km, co2 nedc, rejets co2, g co2 km
mileage_unit: mileage unit, odometer unit, unite kilometrage, kilometrage unite, mileage from odometer unit code,
    odometer units, mileage units, unite km
mileage: kilometrage, km, kms, kilometres, mileage, odometer, compteur, kilometer, kilometrage reel, kilometrage
    compteur, mileage km, kilometrage (km), nb km, kms compteur, km compteur, kilometres compteur, odo, odometre,
    kilometres (km), kilometrage en km, nombre de kilometres, nombre de km, mileage from odometer value, odometer
    reading, km reel, kms reels, kilometres au compteur, odometer km
mileage_miles: mileage miles, mileage mi, odometer miles, odometer mi, kilometrage miles, kilometrage en miles,
    kilometrage mi, miles reels, vehicle mileage miles
first_registration: date mec, mec, date de mise en circulation, mise en circulation, dmec, date 1ere mise en
    circulation, 1ere mise en circulation, 1re mise en circulation, date premiere immatriculation, date 1ere immat,
    first registration, first registration date, registration date, ez, erstzulassung, date mise en circulation,
    date de premiere mise en circulation, date immatriculation, date 1ere mec, date de 1ere mise en circulation, in
    service date, date in service, date de mise en service, mise en service, date mise en service, date 1ere
    immatriculation, date de premiere immatriculation, date de 1ere immatriculation, 1ere immat, 1ere
    immatriculation, premiere immatriculation, date mec vo, mise en circ, date mise en circ, date circulation, date
    de circulation, date vehicle first registered, date 1ere circulation, date first registered, date de 1ere mec,
    1ere mec, date de mec
year: annee, year, millesime, annee modele, annee modele (millesime), model year, modelyear, am, baujahr, annee
    vehicule, vehicle model date, annee du modele, model yr, yr, annee de fabrication, annee mec
colour: couleur, colour, color, teinte, couleur exterieure, couleur ext, exterior color, exterior colour, farbe,
    coloris, libelle couleur, teinte exterieure, body color, couleur exterieur, exterior, ext color, ext colour,
    colour exterior, color exterior, couleur carrosserie, couleur du vehicule, exterior color name, peinture
doors: portes, nb portes, nombre de portes, doors, nbre portes, tueren, nb de portes, number of doors, door count,
    portes nb, nbr portes
seats: places, nb places, nombre de places, seats, sitze, nbre places, nb de places, number of seats, vehicle
    seating capacity, seating capacity, seating, nbr places, places assises, nb de places assises, nombre de places
    assises, passengers, passagers
options: options, option, equipements, equipement, equipment, features, liste equipements, options et equipements,
    equipements serie, ausstattung, liste options, equipements et options, options et equipement, liste des
    equipements, liste des options, equipements principaux, vehicle features, accessoires, option list, feature
    list, equipements de serie
description: description, commentaire, commentaires, comments, texte, texte annonce, annonce, bemerkung, descriptif,
    remarques, description commerciale, observations, notes, seller comments, commentaire vente, texte commercial,
    vehicle description, dealer comments, dealer notes, ad description, texte libre, commentaire site, description
    longue
lot: emplacement, lot, parc, place, zone, parking, yard, place parking, rangee, emplacement parc, lot number, no
    lot, n° place, numero de place, place parc, row
list_price: prix catalogue, prix neuf, list price, msrp, tarif, prix tarif, prix public, prix catalogue ttc, prix
    neuf ttc, original price, listenpreis, catalogue, prix catalogue neuf, pdsf, prix de detail suggere, retail
    price, prix constructeur, prix tarif ttc
currency: devise, currency, monnaie, price currency, offers price currency, currency code, code devise, prix devise
offer_price: prix promo, prix promotionnel, promo price, sale price, special price, prix special, prix remise, prix
    apres remise, prix en promotion, prix promo ttc, prix solde, discounted price, promotional price, prix
    promotion, reduced price, prix reduit, prix de solde, offer price, prix exceptionnel
price: prix, prix de vente, prix affiche, prix ttc, prix vente ttc, prix de vente ttc, pv ttc, price, web price,
    internet price, selling price, prix web, prix internet, prix public ttc, preis, asking price, prix vente, pvttc,
    prix client, sales price, prix annonce, prix particulier, price ttc, prix vo, prix de vente affiche, prix
    affiche ttc, our price, advertised price, final price, vente ttc, prix final, prix de vente public, prix
    demande, prix vente client, offers price, prix de vente conseille, current price, prix public vo, pvp, price
    amount, price value, prix montant, prix valeur, selling price amount, prix comptant, pv, price consumer price
    gross, price raw
min_price: prix plancher, prix mini, prix minimum, lowest price, min price, minimum price, floor price, prix de
    vente mini, prix de vente minimum, prix limite, prix bas, bottom price, reserve price
purchase_price: prix d'achat, prix achat, pa, prix achat ttc, prix d'achat ttc, purchase price, cost, cout,
    haendlerpreis, valeur achat, prix d'achat ht, prix achat ht, prix de reprise, dealer price, prix de revient, pa
    ht, pa ttc, p a ht, cout achat, cout d'achat, prix d'achat vo, prix de reprise ttc, cout total, prix de revient
    ht, prix de revient ttc, pr ht, invoice price, dealer cost, acquisition cost, unit cost, valeur d'achat, buy
    price, wholesale cost
vat_scheme: tva recuperable, regime tva, regime de tva, vat scheme, tva deductible, vat deductible, tva oui non,
    mwst ausweisbar, tva recup, tva recuperee, tva apparente, regime fiscal, type tva, tva sur marge, vat
    reclaimable, code tva
photo_urls: url photos, photos url, urls photos, liens photos, image url, image urls, photo url, photo urls, bild,
    bilder, liste photos, url images, image link, photo links, photo list, liens images, lien photos, url des
    photos, urls des photos, image list, images url, photourls, photo url list, picture urls, liste des photos,
    photos vehicule, gallery, photo principale, main photo
arrived_on: date entree, date d'entree, entree stock, date entree stock, date d'entree en stock, date de rentree,
    date rentree, in stock since, stock date, date in stock, date stock, date arrivee, date d'achat, arrival date,
    entry date, date entree en stock, date achat, date de mise en stock, mise en stock, date d'arrivee, date entree
    parc, entree parc, date inventory, inventory date, received date, date received, date added, date d'achat vo,
    date reception, date de reception, entree, date inventaire, date d'inventaire, date de mise en inventaire
"""

# What may also mean something else: « Condition: excellent », « Transmission: intégrale », « Photos: 12 ».
_VAGUE = """
is_new: neuf, new, vehicule neuf, est neuf, is new
is_used: occasion, used, is used, vehicule occasion
sold: vendu, sold, is sold, est vendu, vehicule vendu
reserved: reserve, reserved, is reserved, est reserve
kind: condition, nature, type, offer type, etat du vehicule, vehicle type, type vehicule, type de vehicule
status: etat, state, situation, etape, etat vehicule
segment: categorie, category, body class
gearbox: transmission
fuel: motorisation, type de moteur, type moteur
vat_scheme: tva, vat, mwst
photo_urls: photos, photo, images, image, pictures, medias
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
VAGUE: Mapping[str, tuple[str, ...]] = _read(_VAGUE)
