//! Which column of a table says what.

use serde::Deserialize;

/// The columns of a table by their names in its first line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name of the source, first part of every id: `[a-z][a-z0-9-]{1,30}`.
    pub source: String,
    /// The invoice a line belongs to; without it each line is one order.
    pub document: Option<String>,
    /// Who bought.
    pub customer: String,
    /// When, in the zone given for the whole table.
    pub time: String,
    /// Form of the time in `strftime` letters; without it ISO 8601 in the
    /// usual variations.
    pub time_format: Option<String>,
    /// Units of the line; without it 1.
    pub quantity: Option<String>,
    /// Price of one unit. Either this or `amount`.
    pub unit_price: Option<String>,
    /// Price of the whole line.
    pub amount: Option<String>,
    /// The product's id.
    pub product: Option<String>,
    /// What the product is called.
    pub title: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// How a return's document id begins.
    pub returns_begin: Option<String>,
    /// How the document id of an adjustment of the books begins.
    pub adjustments_begin: Option<String>,
}

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is not JSON of the documented form.
    #[error("the mapping is not in the documented form")]
    Form(#[from] serde_json::Error),
    /// The price is told twice or not at all.
    #[error("a mapping names either unit_price or amount")]
    Price,
    /// The source's name would not make ids.
    #[error("a source's name is 2 to 31 of a-z, 0-9 and -, and begins with a letter")]
    Source,
    /// There is no built-in mapping of that name.
    #[error("no built-in mapping is called {0}: online-retail, cdnow, or give --mapping FILE")]
    Unknown(String),
    /// Nothing tells how to read the table.
    #[error("neither Online Retail nor CDNOW: say --format or --mapping")]
    Unrecognised,
}

impl Mapping {
    /// Reads a mapping file: one JSON object with the fields of [`Mapping`].
    ///
    /// # Errors
    ///
    /// [`MappingError`].
    pub fn parse(json: &str) -> Result<Self, MappingError> {
        let mapping: Self = serde_json::from_str(json)?;
        if mapping.unit_price.is_some() == mapping.amount.is_some() {
            return Err(MappingError::Price);
        }
        let mut letters = mapping.source.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_lowercase());
        let rest = letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !first || !rest || !(2..=31).contains(&mapping.source.len()) {
            return Err(MappingError::Source);
        }
        Ok(mapping)
    }

    /// The built-in mapping called `name`.
    ///
    /// # Errors
    ///
    /// [`MappingError::Unknown`].
    pub fn built_in(name: &str) -> Result<Self, MappingError> {
        match name {
            "online-retail" => Ok(Self::online_retail()),
            "cdnow" => Ok(Self::cdnow()),
            _ => Err(MappingError::Unknown(name.to_owned())),
        }
    }

    /// The built-in mapping whose columns a table's first line has.
    ///
    /// # Errors
    ///
    /// [`MappingError::Unrecognised`].
    pub fn recognised(header: &csv::StringRecord) -> Result<Self, MappingError> {
        [Self::online_retail(), Self::cdnow()]
            .into_iter()
            .find(|mapping| {
                mapping
                    .columns()
                    .all(|name| header.iter().any(|h| h == name))
            })
            .ok_or(MappingError::Unrecognised)
    }

    /// The columns it needs.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let always = [Some(&self.customer), Some(&self.time)];
        let sometimes = [
            self.document.as_ref(),
            self.quantity.as_ref(),
            self.unit_price.as_ref(),
            self.amount.as_ref(),
            self.product.as_ref(),
            self.title.as_ref(),
            self.country.as_ref(),
            self.email.as_ref(),
        ];
        let all = always.into_iter().chain(sometimes);
        all.flatten().map(String::as_str)
    }

    fn online_retail() -> Self {
        let name = |name: &str| Some(name.to_owned());
        Self {
            source: "online-retail".to_owned(),
            document: name("InvoiceNo"),
            customer: "CustomerID".to_owned(),
            time: "InvoiceDate".to_owned(),
            time_format: None,
            quantity: name("Quantity"),
            unit_price: name("UnitPrice"),
            amount: None,
            product: name("StockCode"),
            title: name("Description"),
            country: name("Country"),
            email: None,
            returns_begin: name("C"),
            adjustments_begin: name("A"),
        }
    }

    fn cdnow() -> Self {
        let name = |name: &str| Some(name.to_owned());
        Self {
            source: "cdnow".to_owned(),
            document: None,
            customer: "customer_id".to_owned(),
            time: "date".to_owned(),
            time_format: None,
            quantity: name("number_of_cds"),
            unit_price: None,
            amount: name("dollar_value"),
            product: None,
            title: None,
            country: None,
            email: None,
            returns_begin: None,
            adjustments_begin: None,
        }
    }
}
