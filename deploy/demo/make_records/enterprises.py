"""The invented enterprises of the three groups, with identifiers whose check digits are right."""

from dataclasses import dataclass
from random import Random

from stdnum import ean
from stdnum.cn import uscc

from deploy.demo.make_records.chance import dice

PREFIX = "synthetic-demo:"
SIZES = {"china": 53, "coop": 3, "bsci": 10}
# The one name taken from the source, spelt as there. The others say in the name that they are invented; it says so beside it.
NAMED_IN_THE_SOURCE = "Lianglonog Socks"
NOTICE_BESIDE_IT = f"{PREFIX} invented record, not the firm's own"

SECTORS = [
    ("1410", "Garments", "piece"),
    ("1430", "Knitwear", "pair"),
    ("1520", "Footwear", "pair"),
    ("1392", "Home Textiles", "piece"),
    ("1709", "Paper Goods", "carton"),
    ("2220", "Plastics", "piece"),
    ("2599", "Metalware", "piece"),
    ("2750", "Kettles", "piece"),
    ("3100", "Furniture", "piece"),
    ("3240", "Toys", "piece"),
]
TOWNS = [
    ("CN-GD", "Dongguan"),
    ("CN-GD", "Foshan"),
    ("CN-ZJ", "Ningbo"),
    ("CN-ZJ", "Yiwu"),
    ("CN-JS", "Wuxi"),
    ("CN-FJ", "Xiamen"),
    ("CN-SD", "Qingdao"),
    ("CN-SC", "Chengdu"),
    ("CN-LN", "Dalian"),
    ("CN-SH", "Shanghai"),
]
FIRST_WORDS = """Amber Bamboo Cobalt Dappled Emerald Fernleaf Gilded Harvest Indigo Juniper Kindred Lantern Marigold
    Northern Orchid Pebble Quartz Russet Saffron Tawny Umber Velvet Willow Xanthic Yarrow Zephyr Alpine Birch Copper
    Driftwood Ember Foxglove Granite Hazel Ivory Jasmine Kelp Lilac Meadow Nutmeg Olive Plum Quince River Sable
    Thistle Upland Violet Walnut Yonder Acorn Brook Clover Dune Elder Flint Ginger Heather Iris Jetty Lagoon Maple
    Nimbus Opal Pine Sorrel""".split()
SECOND_WORDS = """Heron Teapot Compass Otter Kite Bridge Sparrow Bell Carp Lighthouse Finch Anchor Badger Drum Magpie
    Gate Cricket Boat Crane Umbrella Tortoise Mill Swallow Ladder Beetle Harbour Pagoda Moth Wheel Gecko Flute Stork
    Basket Panda Fountain Owl Needle Terrace Rabbit Hammer Egret Candle Pony Arch Falcon Spool Newt Tower Robin
    Barrel Dolphin Garden Wren Mirror Lynx Orchard Cuckoo Anvil Seal Kettle Ibis Thimble Marmot Spring Plover Raft""".split()


@dataclass(frozen=True)
class Enterprise:
    """`key` is what its records are called after, for instance `china-07`; `product` its production unit."""

    key: str
    group: str
    name: str
    isic: str
    product: str
    subdivision: str
    city: str
    serial: int
    workers: int
    women: int
    managers: int

    @property
    def external_ref(self) -> str:
        return f"{PREFIX}enterprise:{self.key}"

    @property
    def ref(self) -> str:
        return f"ref:{self.external_ref}"


def all_enterprises() -> list[Enterprise]:
    """In the order of their serial numbers: China's Phase I, COOP's pilot, BSCI's partnership."""
    random = dice("enterprises")
    groups = [(group, n) for group, size in SIZES.items() for n in range(1, size + 1)]
    return [enterprise(group, n, serial, random) for serial, (group, n) in enumerate(groups)]


def enterprise(group: str, n: int, serial: int, random: Random) -> Enterprise:
    isic, trade, product = SECTORS[serial * 7 % len(SECTORS)]
    name = f"{FIRST_WORDS[serial]} {SECOND_WORDS[serial]} {trade} (synthetic)"
    if (group, n) == ("coop", 1):
        isic, product, name = "1430", "pair", NAMED_IN_THE_SOURCE
    subdivision, city = TOWNS[serial * 3 % len(TOWNS)]
    workers = random.randint(160, 245) if group == "bsci" else random.randint(58, 240)
    women, managers = workers * random.randint(35, 70) // 100, workers * random.randint(4, 9) // 100
    return Enterprise(
        f"{group}-{n:02}", group, name, isic, product, subdivision, city, serial, workers, women, managers
    )


def enterprise_row(one: Enterprise) -> dict[str, str]:
    """A line of the import file; every third enterprise has no GLN, as in life."""
    return {
        "external_ref": one.external_ref,
        "legal_name": one.name,
        "trade_names": NOTICE_BESIDE_IT if one.name == NAMED_IN_THE_SOURCE else "",
        "country": "CN",
        "subdivision": one.subdivision,
        "address.city": one.city,
        "isic": one.isic,
        "languages": "zh",
        "identifiers.national": f"CN:DEMO{one.serial + 1:08}",
        "identifiers.uscc": demo_uscc(one.serial + 1),
        "identifiers.gln": demo_gln(one.serial + 1) if one.serial % 3 else "",
        "workforce.as_of": {"china": "2010-01-31", "coop": "2011-12-31", "bsci": "2013-01-31"}[one.group],
        "workforce.total": str(one.workers),
        "workforce.women": str(one.women),
        "workforce.managers": str(one.managers),
    }


def demo_gln(serial: int) -> str:
    """952 is the prefix GS1 keeps for examples."""
    digits = f"952{serial:09}"
    return digits + str(ean.calc_check_digit(digits))


def demo_uscc(serial: int) -> str:
    """Region 990000 is no region: nobody's code can be hit."""
    characters = f"91990000DEMA{serial:05}"
    return characters + str(uscc.calc_check_digit(characters))
