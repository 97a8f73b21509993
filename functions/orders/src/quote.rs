//! From a customer's wish to an order with prices, tax and total, all of them the server's own.

use std::collections::BTreeMap;

use contracts::carts::CheckedOutLine;
use door::FieldProblem;
use identifiers::{AddressId, CustomerId, OrderId, Region, Sku, Timestamp};
use money::{Currency, Money, MoneyError, PriceTaxation, TaxClass, summarise};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::order::{FulfilmentStatus, Order, OrderLine, OrderStatus, PaymentStatus, weight_of};
use crate::price::{Price, ShippingRate};

/// The most lines that an order may have.
pub(crate) const MAX_LINES: usize = 1000;
/// The most of one SKU that an order may have.
pub(crate) const MAX_QUANTITY: u32 = 10_000;
/// The longest token of a payment method; Stripe's are under sixty characters.
const MAX_PAYMENT_METHOD_CHARACTERS: usize = 128;

/// What a customer wishes.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrderWish")]
pub(crate) struct Wish {
    /// What, and how many.
    #[schemars(length(min = 1, max = MAX_LINES))]
    pub lines: Vec<WishedLine>,
    /// Where it shall go.
    pub region: Region,
    /// The address in the customer's address book that it shall go to. Only its id is kept: whether there is such an
    /// address is seen when the parcel is packed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address_id: Option<AddressId>,
    /// The provider's token of the payment method.
    #[schemars(length(min = 1, max = MAX_PAYMENT_METHOD_CHARACTERS), regex(pattern = "^[A-Za-z0-9_]+$"))]
    pub payment_method: String,
    /// The total that the customer was shown; another one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<Money>,
}

/// A quantity of one SKU.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrderWishLine")]
pub(crate) struct WishedLine {
    /// What.
    pub sku: Sku,
    /// How many.
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    pub quantity: u32,
}

/// Why a wish cannot become an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unquotable {
    /// Fields are wrong.
    Fields(Vec<FieldProblem>),
    /// What is wished for is not sold, or not together.
    Unsellable(Vec<FieldProblem>),
    /// The total is not the one that the customer was shown.
    TotalDiffers {
        /// What it would be.
        total: Money,
    },
}

/// The order that this customer's key stands for: the same key is the same order, so that repeats, even in parallel,
/// meet on one item.
pub(crate) fn order_id(customer_id: &CustomerId, key: &str) -> OrderId {
    let digest = Sha256::new()
        .chain_update(customer_id.as_str())
        .chain_update([0])
        .chain_update(key)
        .finalize();
    OrderId::new(hex::encode(&digest[..16])).expect("hexadecimal digits make an identifier")
}

impl Wish {
    /// The digest of what is wished for. Two texts of the same wish have the same.
    pub fn digest(&self) -> String {
        let text =
            serde_json::to_vec(self).expect("a wish has text keys only, which JSON can hold");
        hex::encode(&Sha256::digest(text)[..12])
    }

    /// Checks what can be checked without knowing prices.
    pub fn check(&self) -> Result<(), Unquotable> {
        let mut problems = Vec::new();
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            problems.push(problem(
                "lines",
                format!("must be 1 to {MAX_LINES} lines, not {}", self.lines.len()),
            ));
        }
        for (position, line) in self.lines.iter().enumerate() {
            if line.quantity == 0 || line.quantity > MAX_QUANTITY {
                let message = format!("must be 1 to {MAX_QUANTITY}, not {}", line.quantity);
                problems.push(problem(format!("lines[{position}].quantity"), message));
            }
        }
        let method = &self.payment_method;
        let printable = method
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if method.is_empty() || method.len() > MAX_PAYMENT_METHOD_CHARACTERS || !printable {
            problems.push(problem(
                "payment_method",
                "must be a token of the payment provider, such as pm_card_visa",
            ));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Unquotable::Fields(problems))
        }
    }

    /// The SKUs wished for, each once, with their quantities and the first line that names them.
    pub fn quantities(&self) -> BTreeMap<&Sku, (u64, usize)> {
        let mut quantities: BTreeMap<&Sku, (u64, usize)> = BTreeMap::new();
        for (position, line) in self.lines.iter().enumerate() {
            quantities.entry(&line.sku).or_insert((0, position)).0 += u64::from(line.quantity);
        }
        quantities
    }

    /// Makes the order.
    pub fn quote(
        &self,
        order_id: OrderId,
        customer_id: CustomerId,
        prices: &[Price],
        rate: Option<&ShippingRate>,
        config: &Config,
        now: Timestamp,
    ) -> Result<Order, Unquotable> {
        let priced = self.priced_lines(prices)?;
        let fee = self.shipping_fee(rate, weight_of(priced.iter().map(|(line, _)| line)))?;
        let (tax, total) = sums(&priced, fee, config.price_taxation)
            .map_err(|error| unsellable("lines", error.to_string()))?;
        if let Some(expected) = self.expected_total.filter(|expected| *expected != total) {
            tracing::info!(%expected, %total, "a customer was shown another total");
            return Err(Unquotable::TotalDiffers { total });
        }
        Ok(Order {
            order_id,
            customer_id,
            request_digest: self.digest(),
            lines: priced.into_iter().map(|(line, _)| line).collect(),
            currency: total.currency,
            shipping_fee_minor: fee.amount_minor,
            tax,
            total_minor: total.amount_minor,
            region: self.region.clone(),
            delivery_address_id: self.delivery_address_id.clone(),
            payment_method: self.payment_method.clone(),
            placed_at: now,
            obtain_until: now.plus_seconds(config.obtain_within_seconds),
            status: OrderStatus::Placed,
            payment: PaymentStatus::None,
            fulfilment: FulfilmentStatus::Unfulfilled,
            attempt: 0,
            captured_minor: 0,
            refunded_minor: 0,
            deadline: Some(config.reply_by(now)),
            asked_again: 0,
            cancellation: None,
            refusal: None,
            returns: Vec::new(),
        })
    }

    /// The order that is off from the start, with what its customer was shown.
    pub fn refused(
        &self,
        order_id: OrderId,
        customer_id: CustomerId,
        shown: impl Iterator<Item = (CheckedOutLine, TaxClass)>,
        reason: String,
        now: Timestamp,
    ) -> Order {
        let total = self.expected_total;
        let lines = shown.map(|(line, tax_class)| OrderLine {
            sku: line.sku,
            quantity: line.quantity,
            unit_price_minor: line.unit_price.amount_minor,
            tax_class,
            weight_grams: 0,
        });
        Order {
            order_id,
            customer_id,
            request_digest: self.digest(),
            lines: lines.collect(),
            currency: total.map_or(Currency::JPY, |total| total.currency),
            shipping_fee_minor: 0,
            tax: Vec::new(),
            total_minor: total.map_or(0, |total| total.amount_minor),
            region: self.region.clone(),
            delivery_address_id: self.delivery_address_id.clone(),
            payment_method: self.payment_method.clone(),
            placed_at: now,
            obtain_until: now,
            status: OrderStatus::Cancelled,
            payment: PaymentStatus::None,
            fulfilment: FulfilmentStatus::Unfulfilled,
            attempt: 0,
            captured_minor: 0,
            refunded_minor: 0,
            deadline: None,
            asked_again: 0,
            cancellation: None,
            refusal: Some(reason),
            returns: Vec::new(),
        }
    }

    fn priced_lines(&self, prices: &[Price]) -> Result<Vec<(OrderLine, Money)>, Unquotable> {
        let prices: BTreeMap<&Sku, &Price> =
            prices.iter().map(|price| (&price.sku, price)).collect();
        let mut problems = Vec::new();
        let mut lines = Vec::new();
        let mut currency = None;
        for (sku, (quantity, position)) in self.quantities() {
            let field = |name: &str| format!("lines[{position}].{name}");
            let Some(price) = prices.get(sku).filter(|price| price.on_sale) else {
                problems.push(problem(field("sku"), format!("{sku} is not on sale")));
                continue;
            };
            let Some(quantity) = u32::try_from(quantity)
                .ok()
                .filter(|quantity| *quantity <= MAX_QUANTITY)
            else {
                let message = format!(
                    "{sku} is wished for {quantity} times, over the limit of {MAX_QUANTITY}"
                );
                problems.push(problem(field("quantity"), message));
                continue;
            };
            if *currency.get_or_insert(price.price.currency) != price.price.currency {
                problems.push(problem(
                    field("sku"),
                    format!("{sku} is priced in {}", price.price.currency),
                ));
                continue;
            }
            let Ok(amount) = price.price.times(quantity) else {
                problems.push(problem(
                    field("quantity"),
                    "the amount is too large".to_owned(),
                ));
                continue;
            };
            let line = OrderLine {
                sku: sku.clone(),
                quantity,
                unit_price_minor: price.price.amount_minor,
                tax_class: price.tax_class,
                weight_grams: price.weight_grams,
            };
            lines.push((line, amount));
        }
        if problems.is_empty() {
            Ok(lines)
        } else {
            Err(Unquotable::Unsellable(problems))
        }
    }

    fn shipping_fee(
        &self,
        rate: Option<&ShippingRate>,
        weight_grams: u64,
    ) -> Result<Money, Unquotable> {
        let rate =
            rate.ok_or_else(|| unsellable("region", format!("we do not ship to {}", self.region)))?;
        let too_heavy = || {
            unsellable(
                "lines",
                format!("{weight_grams} g are too heavy for {}", self.region),
            )
        };
        rate.fee(weight_grams).ok_or_else(too_heavy)
    }
}

fn sums(
    priced: &[(OrderLine, Money)],
    fee: Money,
    taxation: PriceTaxation,
) -> Result<(Vec<money::TaxLine>, Money), MoneyError> {
    let currency = priced
        .first()
        .map_or(fee.currency, |(_, amount)| amount.currency);
    let goods = priced
        .iter()
        .map(|(line, amount)| (line.tax_class, *amount));
    // A fee of nothing adds no line, and is refused all the same where it is of another currency.
    let fee = Money::zero(currency).plus(fee)?;
    // Shipping is a service at the standard rate, and its fee contains the tax whether prices do or not.
    let fee = match taxation {
        PriceTaxation::Inclusive => fee,
        PriceTaxation::Exclusive => without_tax(fee)?,
    };
    let fee = (fee.amount_minor > 0).then_some((TaxClass::Standard, fee));
    let all = summarise(goods.chain(fee), taxation, currency)?;
    Ok((all.lines, all.total))
}

/// A fee that contains the tax of the standard rate, without it.
fn without_tax(fee: Money) -> Result<Money, MoneyError> {
    let amounts = [(TaxClass::Standard, fee)];
    let summary = summarise(amounts, PriceTaxation::Inclusive, fee.currency)?;
    let net_minor = summary.lines.first().map_or(0, |line| line.net_minor);
    Ok(Money::new(net_minor, fee.currency))
}

fn problem(field: impl Into<String>, message: impl Into<String>) -> FieldProblem {
    FieldProblem {
        field: field.into(),
        message: message.into(),
    }
}

fn unsellable(field: &str, message: String) -> Unquotable {
    Unquotable::Unsellable(vec![problem(field, message)])
}
