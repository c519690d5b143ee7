"""What the demo's dealers sell: models of the French and the Québec market with their engines and list prices.

A line is a model: make | model | segment | sold since | doors | seats | first letters of the VIN | versions. A version is
name : fuel : gearbox : horsepower : CO₂ in g/km : list price without options, in the market's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from stock.models import Fuel, Gearbox, Segment

_FUELS = {
    "p": Fuel.PETROL, "d": Fuel.DIESEL, "h": Fuel.HYBRID, "r": Fuel.PLUGIN_HYBRID, "e": Fuel.ELECTRIC, "g": Fuel.LPG,
}  # fmt: skip
_GEARBOXES = {"m": Gearbox.MANUAL, "a": Gearbox.AUTOMATIC}

_FRANCE = """
Peugeot|208|city|2019|5|5|VF3|1.2 PureTech 75 Active:p:m:75:118:19900;1.2 PureTech 100 Allure:p:m:100:121:22900;1.2 PureTech 130 GT EAT8:p:a:130:124:26900;e-208 136 GT:e:a:136:0:35900;1.5 BlueHDi 100 Allure:d:m:100:105:24900
Renault|Clio|city|2019|5|5|VF1|1.0 TCe 90 Evolution:p:m:90:118:19900;1.0 TCe 100 GPL Equilibre:g:m:100:108:20900;1.6 E-Tech 145 Techno:h:a:145:96:25900;1.5 Blue dCi 100 Techno:d:m:100:107:23900
Citroën|C3|city|2017|5|5|VF7|1.2 PureTech 83 Feel:p:m:83:125:17900;1.2 PureTech 110 Shine EAT6:p:a:110:130:21900;1.5 BlueHDi 100 Shine:d:m:100:109:21400
Dacia|Sandero|city|2021|5|5|UU1|1.0 TCe 90 Expression:p:m:90:119:14900;1.0 ECO-G 100 Stepway:g:m:100:109:16400
Toyota|Yaris|city|2020|5|5|VNK|1.5 116h Design:h:a:116:92:25900;1.5 130h GR Sport:h:a:130:96:29900
Fiat|500|city|2016|3|4|ZFA|1.0 Hybride 70 Dolcevita:h:m:70:105:18900;500e 118 Icône:e:a:118:0:32900
Opel|Corsa|city|2020|5|5|W0V|1.2 Turbo 100 Elegance:p:m:100:122:22400;Corsa-e 136 GS Line:e:a:136:0:33900
Volkswagen|Polo|city|2018|5|5|WVW|1.0 TSI 95 Life:p:m:95:121:22900;1.0 TSI 110 R-Line DSG7:p:a:110:124:26900
Peugeot|308|compact|2021|5|5|VF3|1.2 PureTech 130 Allure:p:m:130:127:29900;1.5 BlueHDi 130 GT EAT8:d:a:130:118:34900;Hybrid 180 GT e-EAT8:r:a:180:26:41900
Renault|Mégane|compact|2017|5|5|VF1|1.3 TCe 140 Techno EDC:p:a:140:135:30900;1.5 Blue dCi 115 Business:d:m:115:118:29400;E-Tech Electric 220 Iconic:e:a:220:0:44900
Volkswagen|Golf|compact|2020|5|5|WVW|1.5 TSI 130 Life:p:m:130:126:30900;1.5 eTSI 150 Style DSG7:h:a:150:124:36900;2.0 TDI 150 R-Line DSG7:d:a:150:117:39900;2.0 TSI 245 GTI DSG7:p:a:245:165:47900
Toyota|Corolla|compact|2019|5|5|SB1|1.8 140h Dynamic:h:a:140:101:30900;2.0 196h Collection:h:a:196:107:36400
Seat|Leon|compact|2020|5|5|VSS|1.5 TSI 130 Style:p:m:130:125:27900;1.4 e-Hybrid 204 FR DSG6:r:a:204:26:39900
BMW|Série 1|compact|2019|5|5|WBA|118i 136 Edition Sport:p:m:136:138:34900;118d 150 M Sport BVA8:d:a:150:122:41400
Audi|A3 Sportback|compact|2020|5|5|WAU|35 TFSI 150 Design S tronic:h:a:150:124:38900;35 TDI 150 S line S tronic:d:a:150:119:42400
Peugeot|508|saloon|2018|5|5|VF3|1.5 BlueHDi 130 Allure EAT8:d:a:130:118:41900;Hybrid 225 GT e-EAT8:r:a:225:29:52900
Tesla|Model 3|saloon|2019|4|5|LRW|Propulsion 283:e:a:283:0:41990;Grande Autonomie 498 AWD:e:a:498:0:49990
BMW|Série 3|saloon|2019|4|5|WBA|320d 190 M Sport BVA8:d:a:190:122:52900;330e 292 M Sport BVA8:r:a:292:35:58900
Mercedes-Benz|Classe C|saloon|2021|4|5|W1K|200 d 163 AMG Line:d:a:163:119:54900;300 e 313 AMG Line:r:a:313:14:65900
Peugeot|308 SW|estate|2022|5|5|VF3|1.2 PureTech 130 Allure EAT8:p:a:130:129:33400;1.5 BlueHDi 130 GT EAT8:d:a:130:119:37400
Toyota|Corolla Touring Sports|estate|2019|5|5|SB1|1.8 140h Design:h:a:140:103:33400;2.0 196h Collection:h:a:196:109:38400
Skoda|Octavia Combi|estate|2020|5|5|TMB|2.0 TDI 150 Style DSG7:d:a:150:118:38900;1.5 TSI 150 Ambition:p:m:150:128:32400
Peugeot|2008|suv|2020|5|5|VF3|1.2 PureTech 100 Active:p:m:100:126:26400;1.2 PureTech 130 Allure EAT8:p:a:130:131:30400;e-2008 156 GT:e:a:156:0:41900
Peugeot|3008|suv|2017|5|5|VF3|1.2 PureTech 130 Allure:p:m:130:139:33900;1.5 BlueHDi 130 GT EAT8:d:a:130:128:40900;Hybrid 136 GT e-DCS6:h:a:136:121:41900;Hybrid4 300 GT e-EAT8:r:a:300:28:53900
Renault|Captur|suv|2020|5|5|VF1|1.0 TCe 90 Evolution:p:m:90:130:24900;1.6 E-Tech 145 Techno:h:a:145:105:30400;1.3 mild hybrid 140 Techno EDC:h:a:140:132:29900
Renault|Austral|suv|2022|5|5|VF1|1.3 mild hybrid 160 Techno BVA:h:a:160:139:37900;1.2 E-Tech 200 Iconic:h:a:200:105:44900
Dacia|Duster|suv|2018|5|5|UU1|1.3 TCe 130 Journey:p:m:130:143:23400;1.5 Blue dCi 115 Journey 4x4:d:m:115:131:25400;1.0 ECO-G 100 Expression:g:m:100:126:20400
Citroën|C5 Aircross|suv|2019|5|5|VF7|1.2 PureTech 130 Feel:p:m:130:141:33400;1.5 BlueHDi 130 Shine EAT8:d:a:130:131:38900;Hybrid 225 Shine Pack ë-EAT8:r:a:225:30:47900
Hyundai|Tucson|suv|2021|5|5|TMA|1.6 T-GDi 230 Hybrid Executive:h:a:230:125:42900;1.6 CRDi 136 Creative DCT7:d:a:136:136:37900
Kia|Sportage|suv|2022|5|5|U5Y|1.6 T-GDi 230 Hybrid Active:h:a:230:129:41490;1.6 T-GDi 265 PHEV GT-line:r:a:265:25:51990
Volkswagen|T-Roc|suv|2018|5|5|WVG|1.0 TSI 110 Life:p:m:110:136:29900;1.5 TSI 150 R-Line DSG7:p:a:150:139:37900;2.0 TDI 150 Style DSG7:d:a:150:126:38400
Nissan|Qashqai|suv|2021|5|5|SJN|1.3 mild hybrid 158 Tekna Xtronic:h:a:158:142:38900;e-Power 190 N-Connecta:h:a:190:119:40900
Toyota|Yaris Cross|suv|2021|5|5|VNK|1.5 116h Design:h:a:116:101:29900;1.5 116h Collection AWD-i:h:a:116:113:34900
Citroën|Berlingo|mpv|2018|5|5|VF7|1.5 BlueHDi 100 Feel M:d:m:100:138:28400;1.5 BlueHDi 130 Shine XL EAT8:d:a:130:142:33900;ë-Berlingo 136 Shine M:e:a:136:0:40900
Dacia|Jogger|mpv|2022|5|7|UU1|1.0 TCe 110 Extreme 7 places:p:m:110:130:20900;Hybrid 140 Extreme 7 places:h:a:140:108:26400
Renault|Grand Scénic|mpv|2017|5|7|VF1|1.3 TCe 140 Intens EDC:p:a:140:138:34900;1.7 Blue dCi 120 Business:d:m:120:131:33900
BMW|Série 4 Coupé|coupe|2020|2|4|WBA|420i 184 M Sport BVA8:p:a:184:148:54900;420d 190 M Sport BVA8:d:a:190:124:56900
Mini|Cabrio|cabriolet|2018|2|4|WMW|Cooper 136 Exquisite BVA7:p:a:136:141:36900
Mazda|MX-5|cabriolet|2019|2|2|JMZ|2.0 Skyactiv-G 184 Homura:p:m:184:155:38900
Ford|Ranger|pickup|2019|4|5|6FP|2.0 EcoBlue 170 XLT Double Cabine:d:m:170:216:39900;2.0 EcoBlue 205 Wildtrak BVA10:d:a:205:221:49900
Renault|Trafic|van|2019|4|3|VF1|L1H1 2.0 Blue dCi 130 Grand Confort:d:m:130:187:37900;L2H1 2.0 Blue dCi 150 Red Edition EDC:d:a:150:189:44900
Peugeot|Expert|van|2019|4|3|VF3|Standard 2.0 BlueHDi 120 Asphalt:d:m:120:176:36900;e-Expert 136 75 kWh Asphalt:e:a:136:0:48900
"""

_QUEBEC = """
Toyota|RAV4|suv|2019|5|5|2T3|XLE AWD:p:a:203:190:38900;Hybrid Limited AWD:h:a:219:138:48500;Prime XSE AWD:r:a:302:42:58900
Toyota|Corolla|saloon|2020|4|5|2T1|LE CVT:p:a:169:165:27400;Hybrid LE:h:a:138:111:30200
Honda|Civic|saloon|2019|4|5|2HG|Sport CVT:p:a:158:158:33100;Touring 1.5 Turbo:p:a:180:163:38400
Honda|CR-V|suv|2020|5|5|2HK|Sport AWD:p:a:190:189:43900;EX-L Hybrid AWD:h:a:204:146:50700
Mazda|CX-5|suv|2019|5|5|JM3|GS AWD:p:a:187:204:38600;Signature 2.5 Turbo AWD:p:a:256:228:48900
Hyundai|Kona|suv|2020|5|5|KM8|Preferred AWD:p:a:147:190:31900;Électrique Ultimate:e:a:201:0:52400
Subaru|Crosstrek|suv|2019|5|5|JF2|Convenience:p:a:152:185:31200;Limited 2.5:p:a:182:197:39900
Nissan|Rogue|suv|2021|5|5|5N1|SV AWD 1.5 VC-Turbo:p:a:201:175:39400;Platinum AWD:p:a:201:179:47800
Ford|F-150|pickup|2019|4|5|1FT|XLT SuperCrew 4x4 2.7 EcoBoost:p:a:325:262:66900;Lariat PowerBoost 3.5:h:a:430:221:92400
Ram|1500|pickup|2019|4|5|1C6|Big Horn Crew Cab 4x4 5.7 HEMI:p:a:395:302:72900
Kia|Niro|suv|2020|5|5|KND|EX Premium Hybrid:h:a:139:104:38900;EV Wind:e:a:201:0:50900
Volkswagen|Golf|compact|2019|5|5|3VW|GTI Performance DSG:p:a:241:208:44900
Dodge|Grand Caravan|mpv|2019|5|7|2C4|SXT V6:p:a:283:267:46900
"""


@dataclass(frozen=True)
class Version:
    name: str
    fuel: Fuel
    gearbox: Gearbox
    power: int
    co2: int
    list_price: int


@dataclass(frozen=True)
class Model:
    """`since` is its first year; `maker` the first three letters of its VINs."""

    make: str
    name: str
    segment: Segment
    since: int
    doors: int
    seats: int
    maker: str
    versions: tuple[Version, ...]


@cache
def models_of(country: str) -> tuple[Model, ...]:
    """The models that a dealer in this country sells."""
    table = _QUEBEC if country == "CA" else _FRANCE
    return tuple(_model(line) for line in table.strip().splitlines())


def _model(line: str) -> Model:
    make, name, segment, since, doors, seats, maker, versions = line.split("|")
    return Model(
        make=make,
        name=name,
        segment=Segment(segment),
        since=int(since),
        doors=int(doors),
        seats=int(seats),
        maker=maker,
        versions=tuple(_version(text) for text in versions.split(";")),
    )


def _version(text: str) -> Version:
    name, fuel, gearbox, power, co2, price = text.split(":")
    return Version(name, _FUELS[fuel], _GEARBOXES[gearbox], int(power), int(co2), int(price))
