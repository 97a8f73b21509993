//! A product: drafted, published, retired.
//!
//! Pure. Whether a SKU is another product's is not seen here: that is a condition of the transaction that claims it.

use decider::Aggregate;
use identifiers::{ProductId, Sku};
use money::Money;
use serde::{Deserialize, Serialize};

use crate::content::{Content, ContentProblem, check_price};

/// What is asked of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductCommand {
    /// Drafts it.
    Create {
        /// Its id.
        product_id: ProductId,
        /// What it shall be.
        content: Content,
    },
    /// Makes it what the content says, and published.
    Import {
        /// Its id.
        product_id: ProductId,
        /// What it shall be.
        content: Content,
        /// Where its search entry shall stand, if it has none.
        segment: String,
    },
    /// Makes it one that can be bought.
    Publish {
        /// Where its search entry shall stand.
        segment: String,
    },
    /// Makes it one that cannot be bought any more.
    Retire,
    /// Changes one variant's price.
    ChangePrice {
        /// Which variant.
        sku: Sku,
        /// The new price of one.
        price: Money,
    },
}

/// What happened to a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductEvent {
    /// It was drafted.
    Created {
        /// Its id.
        product_id: ProductId,
        /// What it is.
        content: Content,
    },
    /// It was described anew.
    Described {
        /// What it is now.
        content: Content,
        /// Whether it can be bought already, so that others must hear of it.
        announced: bool,
    },
    /// It can be bought.
    Published {
        /// Where its search entry stands.
        segment: String,
    },
    /// It cannot be bought any more.
    Retired {
        /// Whether it could be before.
        announced: bool,
    },
    /// A variant's price is another.
    PriceChanged {
        /// Which variant.
        sku: Sku,
        /// The new price of one.
        price: Money,
        /// Whether it can be bought, so that others must hear of it.
        announced: bool,
    },
}

/// Why a product refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProductRejection {
    /// No product of that id is known.
    #[error("no product of that id is known")]
    Unknown,
    /// There is one of that id, and it is another.
    #[error("a product of that id exists with other content; import it to change it")]
    Exists,
    /// It has been retired.
    #[error("the product is retired")]
    Retired,
    /// The content breaks rules.
    #[error("the product's content breaks {} rules", .0.len())]
    Invalid(Vec<ContentProblem>),
    /// It has no such variant.
    #[error("the product has no variant {0}")]
    NoSuchSku(Sku),
    /// The price cannot be one.
    #[error("{0}")]
    Price(String),
    /// Its other variants have prices in another currency.
    #[error("the product's other variants have prices in another currency")]
    OtherCurrency,
    /// The SKU belongs to another product.
    #[error("{sku} belongs to product {owner}")]
    SkuTaken {
        /// Which SKU.
        sku: Sku,
        /// Whose it is.
        owner: ProductId,
    },
}

/// Whether a product can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// Not yet.
    Draft,
    /// Yes.
    Published,
    /// Not any more.
    Retired,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    #[serde(rename = "i")]
    pub product_id: ProductId,
    /// Whether it can be bought.
    #[serde(rename = "t")]
    pub status: ProductStatus,
    /// What is said about it.
    #[serde(flatten)]
    pub content: Content,
    /// Where its search entry stands, from its first publication on.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
}

impl Product {
    fn import(
        state: Option<&Self>,
        product_id: &ProductId,
        content: &Content,
        segment: &str,
    ) -> Result<Vec<ProductEvent>, ProductRejection> {
        let content = content.clone();
        let published = ProductEvent::Published {
            segment: segment.to_owned(),
        };
        let Some(product) = state else {
            let product_id = product_id.clone();
            let created = ProductEvent::Created {
                product_id,
                content,
            };
            return Ok(vec![created, published]);
        };
        let unchanged = product.content == content;
        match (product.status, unchanged) {
            (ProductStatus::Published, true) => Ok(Vec::new()),
            (ProductStatus::Published, false) => Ok(vec![ProductEvent::Described {
                content,
                announced: true,
            }]),
            (ProductStatus::Draft, true) => Ok(vec![published]),
            (ProductStatus::Draft, false) => {
                let described = ProductEvent::Described {
                    content,
                    announced: false,
                };
                Ok(vec![described, published])
            }
            // An old file that is imported again must not bring back what was taken off the shelves since.
            (ProductStatus::Retired, _) => Err(ProductRejection::Retired),
        }
    }

    fn change_price(&self, sku: &Sku, price: Money) -> Result<Vec<ProductEvent>, ProductRejection> {
        let announced = match self.status {
            ProductStatus::Draft => false,
            ProductStatus::Published => true,
            ProductStatus::Retired => return Err(ProductRejection::Retired),
        };
        check_price(price).map_err(ProductRejection::Price)?;
        let variants = &self.content.variants;
        let variant = variants.iter().find(|variant| variant.sku == *sku);
        let variant = variant.ok_or_else(|| ProductRejection::NoSuchSku(sku.clone()))?;
        let mut others = variants.iter().filter(|variant| variant.sku != *sku);
        if others.any(|other| other.price.currency != price.currency) {
            return Err(ProductRejection::OtherCurrency);
        }
        if variant.price == price {
            return Ok(Vec::new());
        }
        Ok(vec![ProductEvent::PriceChanged {
            sku: sku.clone(),
            price,
            announced,
        }])
    }
}

fn valid(content: &Content) -> Result<(), ProductRejection> {
    let problems = content.problems();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ProductRejection::Invalid(problems))
    }
}

impl Aggregate for Product {
    type Command = ProductCommand;
    type Event = ProductEvent;
    type State = Self;
    type Rejection = ProductRejection;

    fn decide(
        state: Option<&Self>,
        command: &ProductCommand,
    ) -> Result<Vec<ProductEvent>, ProductRejection> {
        match (command, state) {
            (
                ProductCommand::Create {
                    product_id,
                    content,
                },
                None,
            ) => {
                valid(content)?;
                Ok(vec![ProductEvent::Created {
                    product_id: product_id.clone(),
                    content: content.clone(),
                }])
            }
            (ProductCommand::Create { content, .. }, Some(product)) => {
                if product.content == *content {
                    Ok(Vec::new())
                } else {
                    Err(ProductRejection::Exists)
                }
            }
            (
                ProductCommand::Import {
                    product_id,
                    content,
                    segment,
                },
                state,
            ) => {
                valid(content)?;
                Self::import(state, product_id, content, segment)
            }
            (
                ProductCommand::Publish { .. }
                | ProductCommand::Retire
                | ProductCommand::ChangePrice { .. },
                None,
            ) => Err(ProductRejection::Unknown),
            (ProductCommand::Publish { segment }, Some(product)) => match product.status {
                ProductStatus::Draft => Ok(vec![ProductEvent::Published {
                    segment: segment.clone(),
                }]),
                ProductStatus::Published => Ok(Vec::new()),
                ProductStatus::Retired => Err(ProductRejection::Retired),
            },
            (ProductCommand::Retire, Some(product)) => match product.status {
                ProductStatus::Draft => Ok(vec![ProductEvent::Retired { announced: false }]),
                ProductStatus::Published => Ok(vec![ProductEvent::Retired { announced: true }]),
                ProductStatus::Retired => Ok(Vec::new()),
            },
            (ProductCommand::ChangePrice { sku, price }, Some(product)) => {
                product.change_price(sku, *price)
            }
        }
    }

    fn evolve(state: Option<Self>, event: &ProductEvent) -> Self {
        let mut product = match (state, event) {
            (Some(product), _) => product,
            (
                None,
                ProductEvent::Created {
                    product_id,
                    content,
                },
            ) => Self {
                product_id: product_id.clone(),
                status: ProductStatus::Draft,
                content: content.clone(),
                segment: None,
            },
            (None, _) => unreachable!("nothing happens to a product before its creation"),
        };
        match event {
            ProductEvent::Created { .. } => {}
            ProductEvent::Described { content, .. } => product.content = content.clone(),
            ProductEvent::Published { segment } => {
                product.status = ProductStatus::Published;
                product.segment = Some(segment.clone());
            }
            ProductEvent::Retired { .. } => product.status = ProductStatus::Retired,
            ProductEvent::PriceChanged { sku, price, .. } => {
                for variant in &mut product.content.variants {
                    if variant.sku == *sku {
                        variant.price = *price;
                    }
                }
            }
        }
        product
    }
}
