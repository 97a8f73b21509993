//! Given a product, when a command comes, then these events: every state with every command, and the fine print.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalog::content::{Content, Texts, Variant};
use catalog::product::{Product, ProductCommand, ProductEvent, ProductRejection};
use decider::Aggregate;
use identifiers::{ProductId, Sku};
use money::{Currency, Money, TaxClass};

fn product_id() -> ProductId {
    ProductId::new("sencha").unwrap()
}

fn variant(sku: &str, amount_minor: i64) -> Variant {
    Variant {
        sku: Sku::new(sku).unwrap(),
        price: Money::new(amount_minor, Currency::JPY),
        tax_class: TaxClass::Reduced,
        weight_grams: 120,
        name: Texts::new(),
    }
}

fn content(title: &str) -> Content {
    Content {
        category: "Tea".into(),
        title: [("en".into(), title.into())].into(),
        description: Texts::new(),
        variants: vec![variant("S-100", 1080), variant("S-500", 4860)],
    }
}

fn create(title: &str) -> ProductCommand {
    ProductCommand::Create {
        product_id: product_id(),
        content: content(title),
    }
}

fn import(title: &str) -> ProductCommand {
    ProductCommand::Import {
        product_id: product_id(),
        content: content(title),
        segment: "import#sencha".into(),
    }
}

fn publish() -> ProductCommand {
    ProductCommand::Publish {
        segment: "hand#01".into(),
    }
}

fn price(sku: &str, amount_minor: i64, currency: Currency) -> ProductCommand {
    ProductCommand::ChangePrice {
        sku: Sku::new(sku).unwrap(),
        price: Money::new(amount_minor, currency),
    }
}

fn given(commands: &[ProductCommand]) -> Option<Product> {
    let mut state = None;
    for command in commands {
        for event in Product::decide(state.as_ref(), command).unwrap() {
            state = Some(Product::evolve(state, &event));
        }
    }
    state
}

fn decide(
    state: &Option<Product>,
    command: &ProductCommand,
) -> Result<Vec<ProductEvent>, ProductRejection> {
    Product::decide(state.as_ref(), command)
}

/// Events by name, with a star where others must hear of them.
fn in_short(decision: &Result<Vec<ProductEvent>, ProductRejection>) -> String {
    let name = |event: &ProductEvent| match event {
        ProductEvent::Created { .. } => "Created".to_owned(),
        ProductEvent::Published { .. } => "Published*".to_owned(),
        ProductEvent::Described { announced, .. } => {
            format!("Described{}", if *announced { "*" } else { "" })
        }
        ProductEvent::Retired { announced } => {
            format!("Retired{}", if *announced { "*" } else { "" })
        }
        ProductEvent::PriceChanged { announced, .. } => {
            format!("PriceChanged{}", if *announced { "*" } else { "" })
        }
    };
    match decision {
        Ok(events) if events.is_empty() => "-".to_owned(),
        Ok(events) => events.iter().map(name).collect::<Vec<_>>().join("+"),
        Err(rejection) => {
            let text = format!("!{rejection:?}");
            text.split([' ', '(']).next().unwrap().to_owned()
        }
    }
}

#[test]
fn every_state_answers_every_command() {
    let states = [
        ("none", given(&[])),
        ("draft", given(&[create("Sencha")])),
        ("published", given(&[import("Sencha")])),
        (
            "retired",
            given(&[import("Sencha"), ProductCommand::Retire]),
        ),
    ];
    let commands = [
        create("Sencha"),
        create("Other"),
        import("Sencha"),
        import("Other"),
        publish(),
        ProductCommand::Retire,
        price("S-100", 1180, Currency::JPY),
        price("S-100", 1080, Currency::JPY),
    ];
    let expected = [
        [
            "none",
            "Created",
            "Created",
            "Created+Published*",
            "Created+Published*",
            "!Unknown",
            "!Unknown",
            "!Unknown",
            "!Unknown",
        ],
        [
            "draft",
            "-",
            "!Exists",
            "Published*",
            "Described+Published*",
            "Published*",
            "Retired",
            "PriceChanged",
            "-",
        ],
        [
            "published",
            "-",
            "!Exists",
            "-",
            "Described*",
            "-",
            "Retired*",
            "PriceChanged*",
            "-",
        ],
        [
            "retired", "-", "!Exists", "!Retired", "!Retired", "!Retired", "-", "!Retired",
            "!Retired",
        ],
    ];
    for ((name, state), row) in states.iter().zip(expected) {
        assert_eq!(*name, row[0]);
        for (command, expected) in commands.iter().zip(&row[1..]) {
            let decision = decide(state, command);
            assert_eq!(in_short(&decision), *expected, "{name}: {command:?}");
        }
    }
}

#[test]
fn a_price_keeps_to_its_product() {
    let state = given(&[import("Sencha")]);
    let cases = [
        (price("S-100", 0, Currency::JPY), "!Price"),
        (price("S-100", -5, Currency::JPY), "!Price"),
        (price("S-100", i64::MAX, Currency::JPY), "!Price"),
        (price("S-100", 1, Currency::USD), "!OtherCurrency"),
        (price("S-999", 1, Currency::JPY), "!NoSuchSku"),
    ];
    for (command, expected) in cases {
        assert_eq!(in_short(&decide(&state, &command)), expected, "{command:?}");
    }
    let state = given(&[import("Sencha"), price("S-500", 5000, Currency::JPY)]).unwrap();
    let prices: Vec<i64> = state
        .content
        .variants
        .iter()
        .map(|variant| variant.price.amount_minor)
        .collect();
    assert_eq!(prices, [1080, 5000]);
}

#[test]
fn content_that_breaks_rules_is_refused_with_all_of_them() {
    let mut bad = content("Sencha");
    bad.variants[1].price = Money::new(0, Currency::USD);
    let command = ProductCommand::Create {
        product_id: product_id(),
        content: bad,
    };
    let Err(ProductRejection::Invalid(problems)) = decide(&None, &command) else {
        panic!()
    };
    let fields: Vec<&str> = problems
        .iter()
        .map(|problem| problem.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "variants[1].price.amount_minor",
            "variants[1].price.currency"
        ]
    );
}

#[test]
fn a_product_keeps_the_segment_of_its_first_publication() {
    let state = given(&[import("Sencha"), import("Other"), publish()]).unwrap();
    assert_eq!(state.segment.as_deref(), Some("import#sencha"));
}
