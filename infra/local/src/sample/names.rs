//! Invented people and places. Mail goes to domains that exist for examples
//! only (RFC 2606), calls to numbers kept for drama (Ofcom's 07700 900xxx).

/// Given names.
pub const GIVEN: [&str; 40] = [
    "Ada", "Bo", "Cleo", "Dara", "Edda", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaja", "Levi",
    "Mira", "Nils", "Odette", "Piet", "Quinn", "Rosa", "Sven", "Tilda", "Uma", "Vito", "Wanda",
    "Xaver", "Yara", "Zeno", "Alma", "Bruno", "Clara", "Dario", "Elif", "Fritz", "Gita", "Henk",
    "Iris", "Jana", "Kofi", "Lina", "Marek", "Noor",
];

/// Family names, of no one in particular.
pub const FAMILY: [&str; 40] = [
    "Alderbrook",
    "Birkfeld",
    "Carrowmore",
    "Dunmarsh",
    "Elmstead",
    "Fennwick",
    "Gorsedale",
    "Hollinger",
    "Ivarsen",
    "Juniperus",
    "Kestrelby",
    "Lindqvist-Rowe",
    "Marlowen",
    "Nettlecombe",
    "Oakhanger",
    "Pemberlow",
    "Quarrington",
    "Rushmere",
    "Sallowfield",
    "Thornquist",
    "Umberslade",
    "Vossbeck",
    "Wetherlam",
    "Yarrowdale",
    "Zellweiden",
    "Ashgrove",
    "Brackenbury",
    "Cinderford",
    "Dovecote",
    "Evenlode",
    "Farthinghoe",
    "Greenhalgh-Ost",
    "Hartsop",
    "Inglewood",
    "Jadewick",
    "Kirkstone",
    "Larkrise",
    "Mossop",
    "Norwell",
    "Orrinsdale",
];

/// Streets.
pub const STREETS: [&str; 12] = [
    "Weaver's Row",
    "Lantern Lane",
    "Orchard Rise",
    "Mill Race",
    "Chandler's Yard",
    "Quayside",
    "Juniper Walk",
    "Tannery Street",
    "Old Ropewalk",
    "Saffron Hill",
    "Kiln Road",
    "Beacon Terrace",
];

/// A country where people buy, and what they pay in.
#[derive(Debug)]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its people see prices in.
    pub currency: &'static Tender,
    /// Invented towns with a postal code.
    pub towns: [(&'static str, &'static str); 3],
}

/// A currency that prices are shown in.
#[derive(Debug)]
pub struct Tender {
    /// ISO 4217.
    pub code: &'static str,
    /// Its minor units.
    pub decimals: u32,
    /// What ten thousand of the shop's units are in it.
    pub per_ten_thousand: i64,
}

/// The shop's own currency.
pub static EURO: Tender = tender("EUR", 2, 10_000);
static POUND: Tender = tender("GBP", 2, 8_550);
static DOLLAR: Tender = tender("USD", 2, 10_860);
static FRANC: Tender = tender("CHF", 2, 9_470);
static YEN: Tender = tender("JPY", 0, 1_618_000);

const fn tender(code: &'static str, decimals: u32, per_ten_thousand: i64) -> Tender {
    Tender {
        code,
        decimals,
        per_ten_thousand,
    }
}

/// Where people buy, with how many of a hundred.
pub static COUNTRIES: [(Country, i64); 6] = [
    (
        country(
            "IE",
            "Ireland",
            &EURO,
            [
                ("Ballyfern", "D99 X1F0"),
                ("Kilrowan", "V99 K2C4"),
                ("Port Linnet", "H99 P3R7"),
            ],
        ),
        38,
    ),
    (
        country(
            "DE",
            "Germany",
            &EURO,
            [
                ("Lindenau am See", "00310"),
                ("Birkholm", "00422"),
                ("Altweiden", "00517"),
            ],
        ),
        24,
    ),
    (
        country(
            "GB",
            "United Kingdom",
            &POUND,
            [
                ("Marlstead", "ZZ1 4QF"),
                ("Harrowby Quay", "ZZ7 2LM"),
                ("Elderwick", "ZZ3 9TD"),
            ],
        ),
        18,
    ),
    (
        country(
            "US",
            "United States",
            &DOLLAR,
            [
                ("Cedar Hollow", "00041"),
                ("Lakemont", "00057"),
                ("Fort Willow", "00068"),
            ],
        ),
        10,
    ),
    (
        country(
            "CH",
            "Switzerland",
            &FRANC,
            [
                ("Oberlinden", "0901"),
                ("Seematt", "0917"),
                ("Val Fiora", "0942"),
            ],
        ),
        7,
    ),
    (
        country(
            "JP",
            "Japan",
            &YEN,
            [
                ("Kawazuru", "000-0041"),
                ("Minamiori", "000-0052"),
                ("Hoshizaka", "000-0063"),
            ],
        ),
        3,
    ),
];

const fn country(
    code: &'static str,
    name: &'static str,
    currency: &'static Tender,
    towns: [(&'static str, &'static str); 3],
) -> Country {
    Country {
        code,
        name,
        currency,
        towns,
    }
}
