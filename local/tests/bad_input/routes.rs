//! Every route that the template gives the contexts, with a good request and what is known to be refused.

use std::collections::BTreeSet;
use std::path::Path;

use sam_template::{EventSource, Parameters, Template};
use serde_json::{Value, json};

use crate::call::{Call, guest};
use crate::world::{
    ADDRESS_KEY, CUSTOMER, DELIVERED_TO_GUEST, DISPATCHED, EXAMPLE, added, placed, sign,
};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Anybody,
    Customer,
    Operator,
    Guest,
}

/// What a route reads of a body.
#[derive(Debug, Clone)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Value),
    /// JSON, or no body at all.
    OptionalJson(Value),
    /// Lines of JSON, or CSV.
    Rows(&'static str),
    /// What the payment provider has signed.
    Signed(Value),
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    pub context: &'static str,
    pub method: &'static str,
    /// As the template has it.
    pub template: &'static str,
    /// A path of it that leads to something.
    pub path: String,
    pub caller: Caller,
    pub takes: Takes,
    /// Whether the header `Idempotency-Key` is demanded.
    pub keyed: bool,
    /// Fields that may be null or left out.
    pub optional: &'static [&'static str],
    /// Texts that may be anything printable.
    pub free: &'static [&'static str],
    /// Values that a rule refuses, by path, and the field that the answer names.
    pub refused: Vec<(&'static str, Value, &'static str)>,
    /// Query strings that are refused, and the parameter that the answer names.
    pub queries: &'static [(&'static str, &'static str)],
    /// What the pages of this route are pages of, where it has pages; and a query that gives more than one.
    pub pages: &'static [(&'static str, &'static str)],
}

impl Route {
    /// A good request, without what only this request would have: its key.
    pub fn call(&self) -> Call {
        let call = Call::new(self.method, &self.path);
        let call = match self.caller {
            Caller::Anybody => call,
            Caller::Customer => call.customer(CUSTOMER),
            Caller::Operator => call.operator(),
            Caller::Guest => call.guest(),
        };
        let call = match &self.takes {
            Takes::Nothing => call,
            Takes::Json(body) | Takes::OptionalJson(body) => call.json(body),
            Takes::Rows(rows) => call
                .header("content-type", "application/x-ndjson")
                .bytes(*rows),
            Takes::Signed(body) => sign(call, body.to_string().as_bytes()),
        };
        if self.keyed {
            call.header("idempotency-key", "a key of this test")
        } else {
            call
        }
    }

    /// The JSON that the route takes.
    pub fn json(&self) -> Option<&Value> {
        match &self.takes {
            Takes::Json(body) | Takes::OptionalJson(body) => Some(body),
            Takes::Nothing | Takes::Rows(_) | Takes::Signed(_) => None,
        }
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

fn route(context: &'static str, method: &'static str, template: &'static str) -> Route {
    Route {
        context,
        method,
        template,
        path: template.to_owned(),
        caller: Caller::Operator,
        takes: Takes::Nothing,
        keyed: false,
        optional: &[],
        free: &[],
        refused: Vec::new(),
        queries: &[],
        pages: &[],
    }
}

impl Route {
    fn path(self, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, ..self }
    }

    fn caller(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    fn takes(self, body: Value) -> Self {
        let takes = Takes::Json(body);
        Self { takes, ..self }
    }

    fn may_take(self, body: Value) -> Self {
        let takes = Takes::OptionalJson(body);
        Self { takes, ..self }
    }

    fn keyed(self) -> Self {
        Self {
            keyed: true,
            ..self
        }
    }

    fn optional(self, optional: &'static [&'static str]) -> Self {
        Self { optional, ..self }
    }

    fn free(self, free: &'static [&'static str]) -> Self {
        Self { free, ..self }
    }

    fn refuses(self, refused: Vec<(&'static str, Value, &'static str)>) -> Self {
        Self { refused, ..self }
    }

    fn queries(self, queries: &'static [(&'static str, &'static str)]) -> Self {
        Self { queries, ..self }
    }

    fn pages(self, pages: &'static [(&'static str, &'static str)]) -> Self {
        Self { pages, ..self }
    }
}

fn yen(amount: i64) -> Value {
    json!({ "amount_minor": amount, "currency": "JPY" })
}

fn dollars(amount: i64) -> Value {
    json!({ "amount_minor": amount, "currency": "USD" })
}

/// A name and the same value at the same path: what is refused names itself.
fn itself(
    path: &'static str,
    values: impl IntoIterator<Item = Value>,
) -> Vec<(&'static str, Value, &'static str)> {
    values
        .into_iter()
        .map(|value| (path, value, path))
        .collect()
}

/// Every route.
pub fn all() -> Vec<Route> {
    [
        catalog(),
        customers(),
        inventory(),
        orders(),
        payments(),
        shipping(),
        notifications(),
        carts(),
        insights(),
    ]
    .concat()
}

fn catalog() -> Vec<Route> {
    let route = |method, template| route("catalog", method, template);
    let variant = |sku: &str, price: Value| {
        json!({ "sku": sku, "price": price, "tax_class": "reduced", "weight_grams": 120,
                "name": { "en": "A hundred grams" } })
    };
    let product = json!({
        "product_id": "gyokuro", "category": "Tea",
        "title": { "en": "Gyokuro", "ja": "玉露" },
        "description": { "en": "Shaded for three weeks." },
        "variants": [variant("GYOKURO-100G", yen(2160)), variant("GYOKURO-500G", yen(9800))],
    });
    let many: Vec<Value> = (0..51)
        .map(|n| variant(&format!("S-{n}"), yen(1)))
        .collect();
    let twice = json!([variant("S-1", yen(1)), variant("S-1", yen(1))]);
    let mixed = json!([variant("S-1", yen(1)), variant("S-2", dollars(1))]);
    let mut refused = [
        itself(
            "category",
            [
                json!(""),
                json!(" "),
                json!(" Tea"),
                json!("a\u{0}b"),
                json!("x".repeat(101)),
            ],
        ),
        itself(
            "title",
            [
                json!({}),
                json!({ "de": "Tee" }),
                json!({ "e_n": "Tea", "en": "Tea" }),
            ],
        ),
        itself(
            "title.en",
            [
                json!(""),
                json!(" "),
                json!("a\u{7}b"),
                json!("茶".repeat(201)),
            ],
        ),
        itself("description.en", [json!(""), json!("x".repeat(4001))]),
        itself("variants", [json!([]), json!(many)]),
        itself(
            "variants[1].price.amount_minor",
            [
                json!(0),
                json!(-1),
                json!(i64::MAX),
                json!(i64::MIN),
                json!(1_000_000_001),
            ],
        ),
        itself(
            "variants[0].weight_grams",
            [
                json!(-1),
                json!(10_000_001),
                json!(u32::MAX),
                json!(4_294_967_296_u64),
            ],
        ),
        itself("variants[0].name.en", [json!(""), json!("x".repeat(201))]),
    ]
    .concat();
    refused.push(("variants", twice, "variants[1].sku"));
    refused.push(("variants", mixed, "variants[1].price.currency"));
    vec![
        route("GET", "/api/products")
            .caller(Caller::Anybody)
            .queries(&[
                ("limit=0", "limit"),
                ("limit=-1", "limit"),
                ("limit=101", "limit"),
                ("limit=ten", "limit"),
                ("limit=", "limit"),
                ("limit=1e3", "limit"),
                ("limit=99999999999999999999", "limit"),
                ("limit=1&limit=2", "limit"),
                ("page=2", "page"),
                ("category=", "category"),
                ("%00=1", "\u{0}"),
            ])
            .pages(&[("a category", "category=Tea&"), ("another category", "category=Cups&"), ("a search", "")]),
        route("GET", "/api/products/{product_id}")
            .path("/api/products/sencha")
            .caller(Caller::Anybody),
        route("GET", "/api/skus/{sku}")
            .path("/api/skus/SENCHA-500G")
            .caller(Caller::Anybody),
        route("GET", "/api/categories").caller(Caller::Anybody),
        route("PUT", "/api/operator/categories")
            .takes(json!({ "name": "Tea", "title": { "ja": "お茶", "en": "Tea" } }))
            .optional(&["title.ja", "title.en"])
            .free(&["name", "title.ja", "title.en"])
            .refuses([
                itself("name", [json!(""), json!(" "), json!("x".repeat(101))]),
                itself("title.en", [json!(""), json!("x".repeat(201))]),
            ].concat()),
        route("POST", "/api/operator/products")
            .takes(product)
            .optional(&["description", "variants[0].name", "variants[1].name", "title.en", "title.ja",
                        "description.en", "variants[0].name.en", "variants[1].name.en"])
            .free(&["category", "title.en", "title.ja", "description.en", "variants[0].name.en", "variants[1].name.en"])
            .refuses(refused),
        route("POST", "/api/operator/products/{product_id}/publish").path("/api/operator/products/draft/publish"),
        route("POST", "/api/operator/products/{product_id}/retire").path("/api/operator/products/sencha/retire"),
        route("POST", "/api/operator/products/{product_id}/price")
            .path("/api/operator/products/sencha/price")
            .takes(json!({ "sku": "SENCHA-100G", "price": yen(1200) }))
            .refuses([
                itself("price.amount_minor", [json!(0), json!(-1), json!(i64::MAX), json!(i64::MIN)]),
                vec![
                    ("price", dollars(5), "price.currency"),
                    ("sku", json!("OTHER"), "sku"),
                ],
            ]
            .concat()),
        Route {
            takes: Takes::Rows(
                r#"{"product_id":"kocha","category":"Tea","title":{"en":"Black tea"},"variants":[{"sku":"KOCHA","price":{"amount_minor":900,"currency":"JPY"},"tax_class":"reduced","weight_grams":100}]}"#,
            ),
            ..route("POST", "/api/operator/products/import")
        }
        .queries(&[("from=-1", "from"), ("from=x", "from"), ("to=1", "to"), ("from=1&from=2", "from")]),
    ]
}

fn customers() -> Vec<Route> {
    let route = |method, template| route("customers", method, template);
    let profile = json!({ "name": "A customer", "phone": "03-1234-5678", "language": "ja" });
    let address = |customer: &str| {
        json!({
            "recipient": "A customer", "postal_code": "150-0001", "region": "JP-13", "city": "Shibuya", "street": "1-2-3",
            "country": "JP", "phone": "03-1234-5678", "replaces": added(customer, ADDRESS_KEY),
        })
    };
    let mut routes = Vec::new();
    for (caller, customer, [me, consent, addresses, one]) in [
        (
            Caller::Customer,
            CUSTOMER,
            [
                "/api/customers/me",
                "/api/customers/me/consent",
                "/api/customers/me/addresses",
                "/api/customers/me/addresses/{address_id}",
            ],
        ),
        (
            Caller::Guest,
            guest().1.as_str(),
            [
                "/api/guest/customers/me",
                "/api/guest/customers/me/consent",
                "/api/guest/customers/me/addresses",
                "/api/guest/customers/me/addresses/{address_id}",
            ],
        ),
    ] {
        let there = one.replace("{address_id}", &added(customer, ADDRESS_KEY));
        routes.extend([
            route("GET", me).caller(caller),
            route("PUT", me)
                .caller(caller)
                .takes(profile.clone())
                .optional(&["phone"])
                .free(&["name"])
                .refuses(
                    [
                        itself(
                            "name",
                            ["", " ", "a ", "a\nb", "\u{3000}a"].map(|text| json!(text)),
                        ),
                        itself("name", [json!("茶".repeat(101))]),
                        itself(
                            "phone",
                            [json!("1191"), json!("call me"), json!("1".repeat(25))],
                        ),
                        itself("language", [json!("de"), json!("JA")]),
                    ]
                    .concat(),
                ),
            route("PUT", consent)
                .caller(caller)
                .takes(json!({ "marketing": true, "text_version": "2026-11" }))
                .refuses(itself(
                    "text_version",
                    [json!("a b"), json!("x".repeat(33))],
                )),
            route("GET", addresses).caller(caller),
            route("POST", addresses)
                .caller(caller)
                .takes(address(customer))
                .optional(&["phone", "replaces"])
                .free(&["recipient", "city", "street"])
                .refuses(
                    [
                        itself("postal_code", [json!("150_0001"), json!("1".repeat(17))]),
                        itself("region", [json!("US-CA"), json!("JP"), json!("JP-")]),
                        itself("country", [json!("jp"), json!("JPN")]),
                        itself("street", [json!("x".repeat(201)), json!("a\u{0}b")]),
                        itself("replaces", [json!("nobodys")]),
                        vec![("country", json!("US"), "region")],
                    ]
                    .concat(),
                ),
            route("GET", one).caller(caller).path(&there),
            route("DELETE", one).caller(caller).path(&there),
        ]);
    }
    let of_customer = format!("/api/operator/customers/{CUSTOMER}");
    routes.extend([
        route("GET", "/api/operator/customers")
            .queries(&[
                ("registered_on=yesterday", "registered_on"),
                ("registered_on=", "registered_on"),
                ("registered_on=2026-02-30", "registered_on"),
                ("registered_on=2026-11-24T09:30:00Z", "registered_on"),
                ("limit=0", "limit"),
                ("limit=101", "limit"),
                ("page=1", "page"),
            ])
            .pages(&[("a day's customers", "registered_on=2026-11-24&")]),
        route("GET", "/api/operator/customers/{customer_id}").path(&of_customer),
        route(
            "GET",
            "/api/operator/customers/{customer_id}/addresses/{address_id}",
        )
        .path(format!(
            "{of_customer}/addresses/{}",
            added(CUSTOMER, ADDRESS_KEY)
        )),
        route("POST", "/api/operator/customers/{customer_id}/erase")
            .path("/api/operator/customers/c-to-be-erased/erase")
            .takes(json!({ "reason": "customer_request" }))
            .refuses(itself("reason", [json!("self_service"), json!("because")])),
        // Last, since nothing else of theirs can be asked for afterwards.
        route("DELETE", "/api/customers/me").caller(Caller::Customer),
        route("DELETE", "/api/guest/customers/me").caller(Caller::Guest),
    ]);
    routes
}

fn inventory() -> Vec<Route> {
    let route = |method, template| route("inventory", method, template);
    let quantities = |path| {
        itself(
            path,
            [
                json!(0),
                json!(-1),
                json!(1_000_000_001),
                json!(u32::MAX),
                json!(i64::MIN),
                json!(u64::MAX),
            ],
        )
    };
    let line = |sku: &str| json!({ "sku": sku, "quantity": 1 });
    let many: Vec<Value> = (0..1001).map(|n| line(&format!("S-{n}"))).collect();
    vec![
        route("GET", "/api/stock/{sku}").path("/api/stock/SENCHA-100G").caller(Caller::Anybody),
        route("GET", "/api/operator/stock/{sku}").path("/api/operator/stock/SENCHA-100G"),
        route("GET", "/api/operator/stock/{sku}/movements")
            .path("/api/operator/stock/SENCHA-100G/movements")
            .queries(&[("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("page=1", "page")])
            .pages(&[("a SKU's movements", "")]),
        route("POST", "/api/operator/stock/{sku}/receive")
            .path("/api/operator/stock/SENCHA-100G/receive")
            .takes(json!({ "quantity": 3, "location_id": "main" }))
            .optional(&["location_id"])
            .refuses(quantities("quantity")),
        route("POST", "/api/operator/stock/{sku}/adjust")
            .path("/api/operator/stock/SENCHA-100G/adjust")
            .takes(json!({ "by": -1, "reason": "counted", "location_id": "main" }))
            .optional(&["location_id"])
            .refuses([
                itself("by", [json!(0), json!(i64::MAX), json!(i64::MIN), json!(1_000_000_001), json!(-1_000_000_001)]),
                itself("reason", [json!("stolen"), json!("COUNTED")]),
            ].concat()),
        route("POST", "/api/operator/stock/{sku}/threshold")
            .path("/api/operator/stock/SENCHA-100G/threshold")
            .takes(json!({ "threshold": 2, "location_id": "main" }))
            .optional(&["location_id"])
            .refuses(itself("threshold", [json!(-1), json!(i64::MAX)])),
        route("POST", "/api/operator/stock/receive")
            .takes(json!({ "receipt_id": "receipt-1", "location_id": "main", "lines": [line("SENCHA-100G"), line("KYUSU-360")] }))
            .free(&["receipt_id"])
                .optional(&["location_id"])
            .refuses([
                quantities("lines[1].quantity"),
                itself("lines", [json!([]), json!(many)]),
                itself(
                        "receipt_id",
                        ["", " ", "a b", "a/b", "茶", "\u{0}", "a\n", "a#b"].map(|text| json!(text)),
                    ),
                    itself("receipt_id", [json!("x".repeat(65))]),
                vec![("lines", json!([line("S-1"), line("S-1")]), "lines[1].sku")],
            ].concat()),
        route("GET", "/api/operator/reservations/{order_id}").path(format!("/api/operator/reservations/{EXAMPLE}")),
    ]
}

fn orders() -> Vec<Route> {
    let route = |method, template| route("orders", method, template);
    let line = |sku: &str, quantity: u32| json!({ "sku": sku, "quantity": quantity });
    let many: Vec<Value> = (0..1001).map(|n| line(&format!("S-{n}"), 1)).collect();
    let order = placed(CUSTOMER, "key-1");
    let delivered = placed(CUSTOMER, "key-3");
    let returned = json!({ "lines": [line("KYUSU-360", 1)], "reason": "damaged" });
    let not_returned = || {
        [
            itself("reason", [json!("too heavy"), json!("DAMAGED")]),
            itself("lines", [json!([]), json!(many)]),
            itself(
                "lines[0].quantity",
                [json!(0), json!(-1), json!(10_001), json!(u64::MAX)],
            ),
            vec![
                (
                    "lines",
                    json!([line("KYUSU-360", 1), line("KYUSU-360", 1)]),
                    "lines[1].sku",
                ),
                // More than there were, and what was not ordered.
                ("lines", json!([line("KYUSU-360", 2)]), ""),
                ("lines", json!([line("SENCHA-100G", 1)]), ""),
            ],
        ]
        .concat()
    };
    let wish = json!({
        "lines": [line("SENCHA-100G", 2), line("KYUSU-360", 1)],
        "region": "JP-13", "payment_method": "pm_card_visa", "expected_total": yen(6690),
    });
    vec![
        route("POST", "/api/orders")
            .caller(Caller::Customer)
            .keyed()
            .takes(wish)
            .optional(&["expected_total"])
            .refuses(
                [
                    itself(
                        "lines[0].quantity",
                        [
                            json!(0),
                            json!(-1),
                            json!(10_001),
                            json!(u32::MAX),
                            json!(i64::MIN),
                            json!(u64::MAX),
                        ],
                    ),
                    itself("lines", [json!([]), json!(many)]),
                    itself("lines[0].sku", [json!("NO-SUCH-SKU"), json!("sencha-100g")]),
                    itself("region", [json!("JP-99"), json!("US-CA")]),
                    itself("payment_method", [json!("pm card"), json!("p".repeat(129))]),
                    itself(
                        "expected_total",
                        [yen(0), yen(-1), yen(i64::MAX), dollars(6690)],
                    ),
                    vec![
                        // Another currency than the first line's: no total can be made.
                        (
                            "lines",
                            json!([line("KYUSU-360", 1), line("MUG-USD", 1)]),
                            "lines[1].sku",
                        ),
                        ("lines", json!([line("MUG-USD", 1)]), "lines"),
                        // Together more than one line may have.
                        (
                            "lines",
                            json!([line("KYUSU-360", 10_000), line("KYUSU-360", 1)]),
                            "lines[0].quantity",
                        ),
                        // Too heavy for any parcel.
                        ("lines", json!([line("KYUSU-360", 10_000)]), "lines"),
                    ],
                ]
                .concat(),
            ),
        route("GET", "/api/guest/orders/{order_id}")
            .path("/api/guest/orders/o-guest")
            .caller(Caller::Guest),
        route("POST", "/api/guest/orders/{order_id}/cancel")
            .path("/api/guest/orders/o-guest/cancel")
            .caller(Caller::Guest),
        route("POST", "/api/guest/orders/{order_id}/returns")
            .path(format!("/api/guest/orders/{DELIVERED_TO_GUEST}/returns"))
            .caller(Caller::Guest)
            .keyed()
            .takes(returned.clone())
            .refuses(not_returned()),
        route("GET", "/api/orders")
            .caller(Caller::Customer)
            .queries(&[
                ("limit=0", "limit"),
                ("limit=51", "limit"),
                ("limit=x", "limit"),
                ("customer_id=c-other", "customer_id"),
            ])
            .pages(&[("a customer's orders", "")]),
        route("GET", "/api/orders/{order_id}")
            .path(format!("/api/orders/{order}"))
            .caller(Caller::Customer),
        route("POST", "/api/orders/{order_id}/cancel")
            .path(format!("/api/orders/{order}/cancel"))
            .caller(Caller::Customer),
        route("POST", "/api/orders/{order_id}/returns")
            .path(format!("/api/orders/{delivered}/returns"))
            .caller(Caller::Customer)
            .keyed()
            .takes(returned)
            .refuses(not_returned()),
        route("GET", "/api/operator/orders/{order_id}")
            .path(format!("/api/operator/orders/{order}")),
        route("POST", "/api/operator/orders/{order_id}/cancel")
            .path(format!("/api/operator/orders/{order}/cancel")),
    ]
}

fn payments() -> Vec<Route> {
    let route = |method, template| route("payments", method, template);
    vec![
        Route {
            takes: Takes::Signed(json!({
                "id": "evt_1", "object": "event", "type": "payment_intent.amount_capturable_updated",
                "data": { "object": { "id": "pi_1", "object": "payment_intent" } },
            })),
            ..route("POST", "/api/payments/webhook").caller(Caller::Anybody)
        },
        route("GET", "/api/guest/payments/{order_id}")
            .path("/api/guest/payments/o-guest")
            .caller(Caller::Guest),
        route("GET", "/api/payments/{order_id}")
            .path(format!("/api/payments/{EXAMPLE}"))
            .caller(Caller::Customer),
        route("GET", "/api/operator/payments/{order_id}")
            .path(format!("/api/operator/payments/{EXAMPLE}")),
        route("POST", "/api/operator/payments/{order_id}/refund")
            .path(format!("/api/operator/payments/{EXAMPLE}/refund"))
            .keyed()
            .takes(json!({ "amount": yen(100) }))
            .optional(&["amount"])
            .refuses(
                [
                    itself(
                        "amount.amount_minor",
                        [json!(0), json!(-1), json!(i64::MIN)],
                    ),
                    vec![
                        ("amount", dollars(1), "amount.currency"),
                        ("amount", yen(i64::MAX), ""),
                        ("amount", yen(6321), ""),
                    ],
                ]
                .concat(),
            ),
    ]
}

fn shipping() -> Vec<Route> {
    let route = |method, template| route("shipping", method, template);
    let line = |quantity: u32| json!({ "sku": "SENCHA-100G", "quantity": quantity });
    let lines = || {
        [
            itself(
                "lines",
                [
                    json!([]),
                    json!([{ "sku": "OTHER", "quantity": 1 }]),
                    json!([line(3)]),
                    json!([line(u32::MAX)]),
                ],
            ),
            itself("lines[0].quantity", [json!(0), json!(-1), json!(u64::MAX)]),
            vec![("lines", json!([line(1), line(1)]), "lines[1].sku")],
        ]
        .concat()
    };
    let act = json!({ "order_id": EXAMPLE, "act": "pack" });
    let bracket = |grams: u64, fee: Value| json!({ "up_to_grams": grams, "fee": fee });
    let many: Vec<Value> = (1..=51).map(|grams| bracket(grams, yen(1))).collect();
    vec![
        route("POST", "/api/shipping/quote")
            .caller(Caller::Anybody)
            .takes(json!({ "region": "JP-13", "weight_grams": 500 }))
            .refuses(vec![
                ("weight_grams", json!(-1), "weight_grams"),
                ("weight_grams", json!(u64::MAX), ""),
                ("region", json!("JP-99"), ""),
            ]),
        route("PUT", "/api/operator/shipping/rates/{region}")
            .path("/api/operator/shipping/rates/JP-27")
            .takes(json!({ "brackets": [bracket(1000, yen(660)), bracket(2000, yen(880))] }))
            .refuses(
                [
                    itself("brackets", [json!([]), json!(many)]),
                    itself(
                        "brackets[1].up_to_grams",
                        [json!(1000), json!(0), json!(-1)],
                    ),
                    itself("brackets[0].up_to_grams", [json!(0)]),
                    itself("brackets[1].fee.amount_minor", [json!(-1), json!(i64::MIN)]),
                    vec![(
                        "brackets",
                        json!([bracket(1, yen(1)), bracket(2, dollars(1))]),
                        "brackets[1].fee.currency",
                    )],
                ]
                .concat(),
            ),
        route("POST", "/api/operator/shipping/acts")
            .takes(json!({ "acts": [{ "order_id": EXAMPLE, "act": "pack", "lines": [line(1)] }] }))
            .optional(&["acts[0].lines"])
            .refuses(
                [
                    itself("acts", [json!([]), json!(vec![act.clone(); 101])]),
                    itself(
                        "acts[0].act",
                        [json!("ship"), json!("Pack"), json!("returns")],
                    ),
                    itself("acts[0].lines", [json!([])]),
                    itself(
                        "acts[0].lines[0].quantity",
                        [json!(0), json!(-1), json!(u64::MAX)],
                    ),
                    itself("acts[0].carrier", [json!("Yamato")]),
                    itself("acts[0].tracking_number", [json!("1")]),
                    itself("acts[0].parcel", [json!(1), json!(-1)]),
                    vec![
                        (
                            "acts[0].lines",
                            json!([line(1), line(1)]),
                            "acts[0].lines[1].sku",
                        ),
                        ("acts[0].act", json!("dispatch"), "acts[0].carrier"),
                    ],
                ]
                .concat(),
            ),
        route("GET", "/api/operator/shipments")
            .queries(&[
                ("limit=0", "limit"),
                ("limit=101", "limit"),
                ("status=lost", "status"),
                ("status=", "status"),
                ("status=delivered", "status"),
                ("page=1", "page"),
            ])
            .pages(&[("what waits", "")]),
        route("GET", "/api/operator/shipments/{order_id}")
            .path(format!("/api/operator/shipments/{EXAMPLE}")),
        route("POST", "/api/operator/shipments/{order_id}/pack")
            .path(format!("/api/operator/shipments/{EXAMPLE}/pack"))
            .may_take(json!({ "lines": [line(1)] }))
            .optional(&["lines"])
            .refuses(lines()),
        route("POST", "/api/operator/shipments/{order_id}/dispatch")
            .path(format!("/api/operator/shipments/{EXAMPLE}/dispatch"))
            .takes(json!({ "carrier": "Yamato", "tracking_number": "4912", "lines": [line(1)] }))
            .optional(&["lines"])
            .free(&["carrier", "tracking_number"])
            .refuses(
                [
                    lines(),
                    itself(
                        "carrier",
                        [json!(""), json!(" "), json!("a\nb"), json!("x".repeat(65))],
                    ),
                    itself(
                        "tracking_number",
                        [json!(""), json!("\u{0}"), json!("茶".repeat(65))],
                    ),
                ]
                .concat(),
            ),
        route("POST", "/api/operator/shipments/{order_id}/deliver")
            .path(format!("/api/operator/shipments/{DISPATCHED}/deliver"))
            .may_take(json!({ "parcel": 1 }))
            .optional(&["parcel"])
            .refuses(itself(
                "parcel",
                [
                    json!(0),
                    json!(-1),
                    json!(2),
                    json!(u32::MAX),
                    json!(u64::MAX),
                ],
            )),
        route("POST", "/api/operator/shipments/{order_id}/returns")
            .path(format!("/api/operator/shipments/{DISPATCHED}/returns"))
            .takes(json!({ "lines": [line(1)], "restock": true }))
            .refuses(lines()),
    ]
}

fn notifications() -> Vec<Route> {
    let route = |method, template| route("notifications", method, template);
    vec![
        route("PUT", "/api/guest/notifications/contact")
            .caller(Caller::Guest)
            .takes(json!({ "email": "hanako@example.com", "language": "en" }))
            .refuses(itself("language", [json!("de")])),
        route("PUT", "/api/notifications/contact")
            .caller(Caller::Customer)
            .takes(json!({ "email": "hanako@example.com", "language": "en" }))
            .refuses(
                [
                    itself(
                        "email",
                        [
                            "hanako",
                            "@example.com",
                            "a@b",
                            "a@@example.com",
                            "a b@example.com",
                            "\"a b\"@example.com",
                            "花子@example.com",
                            "a@[127.0.0.1]",
                            "a@example..com",
                            "a@-example.com",
                            "a\r\nBcc: b@example.com",
                        ]
                        .map(|text| json!(text)),
                    ),
                    itself(
                        "email",
                        [
                            json!(format!("{}@example.com", "x".repeat(65))),
                            json!(format!("a@{}.com", "x".repeat(64))),
                        ],
                    ),
                    itself("language", [json!("de"), json!("EN")]),
                ]
                .concat(),
            ),
        route("GET", "/api/operator/notifications/{order_id}")
            .path(format!("/api/operator/notifications/{EXAMPLE}")),
    ]
}

fn carts() -> Vec<Route> {
    let route = |method, template| route("carts", method, template);
    let mut routes = vec![
        route("POST", "/api/guest/session").caller(Caller::Anybody),
        route("POST", "/api/cart/merge")
            .caller(Caller::Customer)
            .takes(json!({ "guest_token": guest().0 }))
            .refuses(itself(
                "guest_token",
                [json!(""), json!("v1.a.1.b"), json!("v1..1.")],
            )),
    ];
    for (caller, base) in [
        (
            Caller::Customer,
            ["/api/cart", "/api/cart/lines/{sku}", "/api/cart/checkout"],
        ),
        (
            Caller::Guest,
            [
                "/api/guest/cart",
                "/api/guest/cart/lines/{sku}",
                "/api/guest/cart/checkout",
            ],
        ),
    ] {
        let [cart, line, checkout] = base;
        let sencha = line.replace("{sku}", "SENCHA-100G");
        let wish = json!({
            "version": 1, "region": "JP-13", "payment_method": "pm_card_visa", "expected_total": yen(1410),
        });
        routes.extend([
            route("GET", cart).caller(caller),
            route("PUT", line)
                .path(&sencha)
                .caller(caller)
                .takes(json!({ "quantity": 2 }))
                .refuses(itself(
                    "quantity",
                    [json!(0), json!(-1), json!(1000), json!(u64::MAX)],
                )),
            route("DELETE", line).path(&sencha).caller(caller),
            route("POST", checkout)
                .caller(caller)
                .keyed()
                .takes(wish)
                .refuses(itself(
                    "payment_method",
                    [json!("pm card"), json!("p".repeat(129))],
                )),
        ]);
    }
    routes
}

fn insights() -> Vec<Route> {
    let route = |method, template| route("insights", method, template);
    let many: Vec<Value> = (0..101).map(|n| json!(format!("m-{n}"))).collect();
    let ids = || itself("ids", [json!([]), json!(many)]);
    let reasons = || itself("reason", [json!(""), json!(" "), json!("x".repeat(501))]);
    vec![
        route("GET", "/api/operator/insights/orders")
            .queries(&[
                ("limit=0", "limit"),
                ("limit=101", "limit"),
                ("limit=x", "limit"),
                ("from=today", "from"),
                ("from=2026-11-31", "from"),
                ("from=2020-01-01", "from"),
                ("to=x", "to"),
                ("text=", "text"),
                ("status=lost", "status"),
                ("payment_status=lost", "payment_status"),
                ("fulfilment_status=lost", "fulfilment_status"),
                ("customer_id=c-other", "customer_id"),
            ])
            .pages(&[("a shop's orders", "")]),
        route("GET", "/api/operator/insights/orders/{order_id}/timeline")
            .path(format!("/api/operator/insights/orders/{EXAMPLE}/timeline")),
        route("GET", "/api/operator/insights/sales").queries(&[
            ("from=x", "from"),
            ("from=2026-01-01&to=2026-11-24", "from"),
            ("limit=1", "limit"),
        ]),
        route("GET", "/api/operator/insights/sales/products").queries(&[
            ("from=x", "from"),
            ("from=2026-01-01&to=2026-11-24", "from"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
        ]),
        route("GET", "/api/operator/insights/stock-warnings")
            .queries(&[
                ("limit=0", "limit"),
                ("limit=101", "limit"),
                ("page=1", "page"),
            ])
            .pages(&[("what runs low", "")]),
        route("GET", "/api/operator/insights/flow").queries(&[
            ("minutes=0", "minutes"),
            ("minutes=181", "minutes"),
            ("minutes=x", "minutes"),
            ("hours=1", "hours"),
        ]),
        route("GET", "/api/operator/insights/flow/{edge}/events")
            .path("/api/operator/insights/flow/orders.OrderPlaced.v1@inventory/events")
            .queries(&[("limit=0", "limit"), ("limit=101", "limit")]),
        route("GET", "/api/operator/insights/failed/queues"),
        route(
            "GET",
            "/api/operator/insights/failed/queues/{queue}/messages",
        )
        .path("/api/operator/insights/failed/queues/OrdersDeadLetters/messages")
        .queries(&[("limit=0", "limit"), ("limit=101", "limit")]),
        route(
            "POST",
            "/api/operator/insights/failed/queues/{queue}/redrive",
        )
        .path("/api/operator/insights/failed/queues/OrdersDeadLetters/redrive")
        .takes(json!({ "ids": ["m-1", "m-2"], "reason": "payments is back" }))
        .optional(&["reason"])
        .free(&["ids[0]", "ids[1]", "reason"])
        .refuses([ids(), reasons()].concat()),
        route("POST", "/api/operator/insights/failed/queues/{queue}/drop")
            .path("/api/operator/insights/failed/queues/OrdersDeadLetters/drop")
            .takes(json!({ "ids": ["m-1", "m-2"], "reason": "a test of the supplier" }))
            .free(&["ids[0]", "ids[1]", "reason"])
            .refuses([ids(), reasons()].concat()),
        route("GET", "/api/operator/insights/failed/acts").queries(&[
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("by=me", "by"),
        ]),
    ]
}

/// The product's own template.
fn template() -> Template {
    let overrides = [("TokenIssuer", "http://127.0.0.1"), ("Pages", "off")];
    let parameters = Parameters::overriding(overrides);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Template::load(path, &parameters).unwrap()
}

#[test]
fn every_route_of_the_template_has_its_cases_and_no_case_is_of_another() {
    let mut routed = BTreeSet::new();
    for function in &template().functions {
        for source in &function.event_sources {
            if let EventSource::Http {
                method,
                path,
                authorizer,
                scopes,
                ..
            } = source
            {
                let caller = match (authorizer, scopes.first().map(String::as_str)) {
                    (None, _) if path.starts_with("/api/guest/") && !path.ends_with("/session") => {
                        Caller::Guest
                    }
                    (None, _) => Caller::Anybody,
                    (Some(_), Some(door::SHOP_SCOPE)) => Caller::Customer,
                    (Some(_), Some(door::OPERATE_SCOPE)) => Caller::Operator,
                    (Some(_), other) => panic!("{method} {path} demands {other:?}"),
                };
                routed.insert(format!("{} {method} {path} {caller:?}", function.binary));
            }
        }
    }
    let listed: BTreeSet<String> = all()
        .iter()
        .map(|route| format!("{} {} {:?}", route.context, route.name(), route.caller))
        .collect();
    assert_eq!(listed, routed, "cases, and routes of template.yaml");
}
