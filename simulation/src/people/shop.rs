//! The shop's goods, and the requests that set it up.

use std::fmt::Write as _;

use super::plan::lines_json;
use super::request::{Caller, Request};
use crate::dice::Dice;
use crate::site::Site;

/// Where everything goes.
pub const REGION: &str = "JP-13";
/// How many variants a product has.
const VARIANTS: u16 = 8;

/// Up to which weight a parcel is a light one, and what each kind costs.
const LIGHT_GRAMS: u64 = 2_000;
const LIGHT_FEE_MINOR: i64 = 500;
const HEAVY_FEE_MINOR: i64 = 1_200;

/// What a piece of a SKU weighs.
pub(super) fn weight_grams(sku: u16) -> u64 {
    100 + u64::from(sku)
}

/// What it costs to send that much.
pub(super) fn shipping_fee_minor(grams: u64) -> i64 {
    if grams <= LIGHT_GRAMS {
        LIGHT_FEE_MINOR
    } else {
        HEAVY_FEE_MINOR
    }
}

/// What is sold.
#[derive(Debug, Clone)]
pub struct Goods {
    /// How many SKUs there are: `SKU-0` and so on, eight to a product.
    pub skus: u16,
    /// How many of each come in at first.
    pub stock: Vec<u32>,
    /// Each one's price at first.
    pub prices: Vec<i64>,
}

impl Goods {
    /// Draws a shop's goods for so many orders.
    pub fn draw(dice: &mut Dice, skus: u16, orders: u32) -> Self {
        let stock = (0..skus).map(|sku| match dice.below(12) {
            // Nearly gone.
            0 => 1 + dice.below(4) as u32,
            1 => orders / 8 + 1,
            _ if sku < 6 => orders * 4 + 20,
            _ => orders * 2 + 20,
        });
        let stock = stock.collect();
        let prices = (0..skus)
            .map(|_| 50 + 10 * dice.below(400) as i64)
            .collect();
        Self {
            skus,
            stock,
            prices,
        }
    }

    /// How many products there are.
    pub fn products(&self) -> u16 {
        self.skus.div_ceil(VARIANTS)
    }

    /// The SKUs of a product.
    pub fn skus_of(&self, product: u16) -> std::ops::Range<u16> {
        product * VARIANTS..((product + 1) * VARIANTS).min(self.skus)
    }

    /// The requests that set up the shop, in their order.
    pub fn set_up(&self, customers: u32) -> Vec<Request> {
        let operator =
            |site, method, path: &str| Request::new(site, method, path, Caller::Operator);
        let mut requests = Vec::new();
        let rate = format!(
            "{{\"brackets\":[{{\"up_to_grams\":{LIGHT_GRAMS},\"fee\":{{\"amount_minor\":{LIGHT_FEE_MINOR},\"currency\":\"JPY\"}}}},\
             {{\"up_to_grams\":100000000,\"fee\":{{\"amount_minor\":{HEAVY_FEE_MINOR},\"currency\":\"JPY\"}}}}]}}"
        );
        let path = format!("/api/operator/shipping/rates/{REGION}");
        requests.push(operator(Site::Shipping, "PUT", &path).body(rate));
        // One product by hand, the others by import.
        requests
            .push(operator(Site::Catalog, "POST", "/api/operator/products").body(self.product(0)));
        requests.push(operator(
            Site::Catalog,
            "POST",
            "/api/operator/products/P-0/publish",
        ));
        if self.products() > 1 {
            let rows: Vec<String> = (1..self.products())
                .map(|product| self.product(product))
                .collect();
            let mut import = operator(Site::Catalog, "POST", "/api/operator/products/import")
                .body(rows.join("\n"));
            import.media_type = "application/x-ndjson";
            requests.push(import);
        }
        let lines: Vec<(u16, u32)> = (0..).zip(self.stock.iter().copied()).collect();
        let receive = format!(
            "{{\"receipt_id\":\"first\",\"lines\":{}}}",
            lines_json(&lines)
        );
        requests
            .push(operator(Site::Inventory, "POST", "/api/operator/stock/receive").body(receive));
        for customer in 0..customers {
            let language = if customer % 2 == 0 { "ja" } else { "en" };
            // One customer in five cannot be reached.
            if customer % 5 != 4 {
                let body = format!(
                    "{{\"email\":\"{CANARY}.{customer}@example.com\",\"language\":\"{language}\"}}"
                );
                let path = "/api/notifications/contact";
                let caller = Caller::Customer(customer);
                requests.push(Request::new(Site::Notifications, "PUT", path, caller).body(body));
            }
        }
        requests
    }

    fn product(&self, product: u16) -> String {
        let mut text = format!(
            "{{\"product_id\":\"P-{product}\",\"category\":\"c{}\",\"title\":{{\"en\":\"Product {product}\"}},\"variants\":[",
            product % 4
        );
        for (position, sku) in self.skus_of(product).enumerate() {
            let comma = if position == 0 { "" } else { "," };
            let class = if sku % 3 == 0 { "standard" } else { "reduced" };
            let _ = write!(
                text,
                "{comma}{{\"sku\":\"SKU-{sku}\",\"price\":{{\"amount_minor\":{},\"currency\":\"JPY\"}},\
                 \"tax_class\":\"{class}\",\"weight_grams\":{},\"name\":{{\"en\":\"no. {sku}\"}}}}",
                self.prices[usize::from(sku)],
                weight_grams(sku)
            );
        }
        text.push_str("]}");
        text
    }
}

/// What every customer's address begins with: a text that must not be seen where no address belongs.
pub const CANARY: &str = "canary-in-the-mail";
