//! What the sample shop sells: things for the house.

/// A product. Prices are in cents of the shop's currency, tax included.
#[derive(Debug)]
pub struct Product {
    /// Stock keeping unit.
    pub sku: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What kind of thing it is.
    pub kind: &'static str,
    /// Price of one.
    pub cents: i64,
    /// Weight of one.
    pub grams: i64,
}

const fn product(
    sku: &'static str,
    title: &'static str,
    kind: &'static str,
    cents: i64,
    grams: i64,
) -> Product {
    Product {
        sku,
        title,
        kind,
        cents,
        grams,
    }
}

/// The shelf. Things bought in quantity come first.
pub static PRODUCTS: [Product; 24] = [
    product(
        "KIT-TOWEL-OAT",
        "Linen Tea Towel, Oat",
        "Kitchen",
        1450,
        120,
    ),
    product(
        "KIT-TOWEL-INK",
        "Linen Tea Towel, Ink",
        "Kitchen",
        1450,
        120,
    ),
    product("KIT-BRUSH", "Beech Dish Brush", "Kitchen", 990, 90),
    product(
        "LIV-CANDLE-FIG",
        "Soy Candle, Fig and Smoke",
        "Living",
        2290,
        340,
    ),
    product("LIV-CANDLE-PINE", "Soy Candle, Pine", "Living", 2290, 340),
    product("BTH-SOAP-OLIVE", "Olive Soap Bar", "Bath", 750, 110),
    product("KIT-MUG-SAND", "Stoneware Mug, Sand", "Kitchen", 1890, 360),
    product(
        "KIT-MUG-SLATE",
        "Stoneware Mug, Slate",
        "Kitchen",
        1890,
        360,
    ),
    product("KIT-BOWL-S", "Stoneware Bowl, Small", "Kitchen", 2190, 480),
    product("KIT-BOWL-L", "Stoneware Bowl, Large", "Kitchen", 3990, 1150),
    product("KIT-BOARD", "Oiled Oak Board", "Kitchen", 5490, 1300),
    product("KIT-APRON", "Washed Linen Apron", "Kitchen", 4890, 310),
    product("BTH-TOWEL-HAND", "Waffle Hand Towel", "Bath", 1990, 220),
    product("BTH-TOWEL-BATH", "Waffle Bath Towel", "Bath", 4290, 610),
    product("BTH-ROBE", "Waffle Robe", "Bath", 11900, 1250),
    product("BED-SHEET", "Washed Linen Sheet", "Bedroom", 12900, 1100),
    product(
        "BED-DUVET",
        "Washed Linen Duvet Cover",
        "Bedroom",
        18900,
        1850,
    ),
    product("BED-PILLOW", "Linen Pillowcase, Pair", "Bedroom", 5900, 340),
    product(
        "LIV-THROW-MOSS",
        "Lambswool Throw, Moss",
        "Living",
        14900,
        1400,
    ),
    product("LIV-CUSHION", "Handwoven Cushion", "Living", 6900, 620),
    product("LIV-BASKET", "Willow Basket", "Living", 4590, 900),
    product("LIV-VASE", "Smoked Glass Vase", "Living", 5290, 800),
    product("LIV-LAMP", "Turned Ash Lamp", "Living", 16900, 2100),
    product("LIV-RUG", "Flatwoven Wool Rug", "Living", 28900, 5200),
];

/// Money for somebody else to spend: no merchandise.
pub static GIFT_CARD: Product = product("GIFT-25", "Gift Card", "Gift Card", 2500, 0);
