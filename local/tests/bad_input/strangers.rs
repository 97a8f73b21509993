//! Who asks for what is not theirs: callers without the right token, others' orders, others' pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::mutation::strange_texts;
use crate::requests::{Judge, Tally};
use crate::routes::{self, Caller, Route};
use crate::world::{self, CUSTOMER, EXAMPLE, OTHER_CUSTOMER, UNKNOWN_ORDER, World, placed};

#[tokio::test]
async fn nobody_gets_in_without_the_route_s_own_scope() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let mut judge = Judge::of(&world);
            let (right, wrong) = match route.caller {
                // Guests have no issuer's token: below.
                Caller::Anybody | Caller::Guest => continue,
                Caller::Customer => (door::SHOP_SCOPE, door::OPERATE_SCOPE),
                Caller::Operator => (door::OPERATE_SCOPE, door::SHOP_SCOPE),
            };
            let mut nobody = route.call();
            nobody.claims = None;
            judge.refused("no token", &nobody, &[401]).await;
            for claims in [
                json!({}),
                json!({ "scope": right }),
                json!({ "sub": "", "scope": right }),
                json!({ "sub": " ", "scope": right }),
                json!({ "sub": "\u{0}\u{0}", "scope": "" }),
            ] {
                let mut call = route.call();
                call.claims = claims.as_object().cloned();
                judge
                    .refused(&format!("the claims {claims}"), &call, &[401, 403])
                    .await;
            }
            for scope in [
                "",
                " ",
                wrong,
                "noren",
                "noren/",
                "noren/shopping",
                "noren/operate2",
                "xnoren/shop",
                "noren/shop,noren/operate",
                "NOREN/SHOP NOREN/OPERATE",
                "[noren/shop noren/operate]",
                "noren/shop\u{0}",
                "*",
                "openid profile",
            ] {
                let call = route.call().claims(CUSTOMER, scope);
                judge
                    .refused(&format!("the scope {scope:?}"), &call, &[403])
                    .await;
            }
            let mut no_scope = route.call();
            no_scope = no_scope.claims(CUSTOMER, "");
            if let Some(claims) = &mut no_scope.claims {
                claims.remove("scope");
            }
            judge.refused("no scope", &no_scope, &[403]).await;
            if route.caller == Caller::Customer {
                for subject in strange_texts() {
                    let call = route.call().customer(&subject);
                    judge
                        .refused(&format!("the subject {subject:.30?}"), &call, &[401])
                        .await;
                }
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("callers", 900);
}

#[tokio::test]
async fn another_s_order_is_as_unknown_as_none() {
    let mut tally = Tally::default();
    let mine = placed(CUSTOMER, "key-1");
    let theirs = placed(OTHER_CUSTOMER, "key-1");
    let own =
        |route: &Route| route.caller == Caller::Customer && route.template.contains("{order_id}");
    let mut seen = 0;
    for route in routes::all().iter().filter(|route| own(route)) {
        seen += 1;
        let world = World::of(route.context).await;
        let mut judge = Judge::of(&world);
        // The example's order is the customer's own; in the worlds of payments it is the only one.
        let (stranger, order) = if route.context == "orders" {
            (CUSTOMER, theirs.as_str())
        } else {
            (OTHER_CUSTOMER, EXAMPLE)
        };
        let call = |order: &str| {
            let mut call = route.call().customer(stranger);
            call.path = route.template.replace("{order_id}", order);
            call
        };
        let others = judge.refused("another's", &call(order), &[404]).await;
        let nobodys = judge
            .refused("nobody's", &call(UNKNOWN_ORDER), &[404])
            .await;
        let as_unknown = Answer {
            body: serde_json::from_str(&others.body.to_string().replace(order, UNKNOWN_ORDER))
                .unwrap(),
            ..others.clone()
        };
        if as_unknown != nobodys {
            judge.fault(
                "another's",
                &call(order),
                "it can be told from nobody's",
                &others,
            );
        }
        tally.add(&route.name(), judge);
    }
    assert_eq!(seen, 4, "routes of a customer's own order");
    tally.close("others' orders", 8);

    let world = World::of("orders").await;
    let listed = world
        .good(&Call::new("GET", "/api/orders").customer(CUSTOMER))
        .await;
    let ids: Vec<&str> = listed.body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|order| order["order_id"].as_str())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.contains(&mine.as_str()) && !ids.contains(&theirs.as_str()));
}

/// The cursors that listings give, with the context, the listing's name and the call that gave each.
async fn cursors() -> Vec<(&'static str, &'static str, Call, String)> {
    let mut cursors = Vec::new();
    for (context, world) in world::all().await {
        for route in routes::all()
            .into_iter()
            .filter(|route| route.context == context)
        {
            for (name, query) in route.pages {
                let mut call = route.call();
                call.query = format!("{query}limit=1");
                let page = world.good(&call).await;
                let next = page.body["next"].as_str();
                let next = next.unwrap_or_else(|| panic!("{name} has one page: {page:?}"));
                cursors.push((context, *name, call, next.to_owned()));
            }
        }
    }
    // Other partitions of the same indexes.
    let worlds = [
        (
            "orders",
            "another customer's orders",
            Call::new("GET", "/api/orders?limit=1").customer(OTHER_CUSTOMER),
        ),
        (
            "inventory",
            "another SKU's movements",
            Call::new("GET", "/api/operator/stock/KYUSU-360/movements?limit=1").operator(),
        ),
    ];
    for (context, name, call) in worlds {
        let page = World::of(context).await.good(&call).await;
        let next = page.body["next"].as_str().unwrap().to_owned();
        cursors.push((context, name, call, next));
    }
    cursors
}

fn going_on(call: &Call, cursor: &str) -> Call {
    let mut call = call.clone();
    call.query = format!("{}&cursor={cursor}", call.query);
    call
}

#[tokio::test]
async fn a_cursor_is_of_its_own_listing_or_refused() {
    let cursors = cursors().await;
    let worlds = world::all().await;
    let mut tally = Tally::default();
    for (context, name, call, _) in &cursors {
        let mut judge = Judge::of(&worlds[context]);
        for (_, other, _, cursor) in &cursors {
            let call = going_on(call, cursor);
            if name == other {
                let answer = judge.survived(other, &call).await;
                if !answer.is_success() {
                    judge.fault(other, &call, "its own cursor is refused", &answer);
                }
            } else {
                judge
                    .names(&format!("the cursor of {other}"), &call, &[400], "cursor")
                    .await;
            }
        }
        tally.add(context, judge);
    }
    tally.close("others' cursors", 40);
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let cursors = cursors().await;
    let worlds = world::all().await;
    let mut tally = Tally::default();
    for (context, name, call, own) in &cursors {
        let mut judge = Judge::of(&worlds[context]);
        // Of a listing over days, the day comes before the place in it.
        let place = own.rfind('.').map_or(0, |dot| dot + 1);
        let (day, place) = own.split_at(place);
        let values = URL_SAFE_NO_PAD.decode(place).unwrap();
        let values: Value = serde_json::from_slice(&values).unwrap();
        let mut made: Vec<(String, String)> = Vec::new();
        let mut forge = |what: String, value: &Value| {
            let place = URL_SAFE_NO_PAD.encode(value.to_string());
            made.push((what, format!("{day}{place}")));
        };
        for (key, _) in values.as_object().unwrap() {
            for wrong in [
                json!(null),
                json!("text"),
                json!({}),
                json!({ "S": null }),
                json!({ "N": 7 }),
                json!({ "N": "7" }),
                json!({ "B": "eA==" }),
                json!({ "BOOL": true }),
                json!({ "S": "a", "N": 7 }),
            ] {
                let mut forged = values.clone();
                forged[key] = wrong.clone();
                forge(format!("{key} is {wrong}"), &forged);
            }
            // A search's place is a title and an id, which may be anything.
            if *name != "a search" {
                for wrong in [json!({ "S": "" }), json!({ "S": "x".repeat(2100) })] {
                    let mut forged = values.clone();
                    forged[key] = wrong;
                    forge(format!("{key} is empty or too long"), &forged);
                }
            }
            let mut forged = values.clone();
            forged.as_object_mut().unwrap().remove(key);
            forge(format!("{key} is missing"), &forged);
        }
        let mut forged = values.clone();
        forged["origin"] = json!({ "S": "http" });
        forge("one more attribute".to_owned(), &forged);
        for value in [
            json!({}),
            json!([]),
            json!(null),
            json!("cursor"),
            json!({ "pk": 1, "sk": 2 }),
        ] {
            forge(value.to_string(), &value);
        }
        for text in [
            "",
            "x",
            "!!!",
            "e30=",
            "%00",
            "null",
            "0",
            "..",
            "%E8%8C%B6",
            "e30",
            "W10",
        ] {
            made.push((format!("the text {text:?}"), text.to_owned()));
        }
        made.push(("cut short".to_owned(), own[..own.len() - 2].to_owned()));
        made.push(("twice".to_owned(), format!("{own}{own}")));
        made.push(("padded".to_owned(), format!("{own}==")));
        made.push(("very long".to_owned(), "A".repeat(60_000)));
        for (what, cursor) in made {
            judge
                .names(&what, &going_on(call, &cursor), &[400], "cursor")
                .await;
        }
        tally.add(context, judge);
    }
    tally.close("cursors", 300);
}
