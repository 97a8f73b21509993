//! An order's way from placing to completion, in a whole shop.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use http::Method;
use serde_json::{Value, json};

use flow::counter::{FEE, VISA, label, wish, yen};
use flow::{Shop, options};

/// The path of every order here, with what is seen at each step.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_placed_confirmed_packed_dispatched_captured_delivered_and_completed() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800), ("HOJICHA", 500)], 10).await;
    let order = wish(&[("SENCHA", 2), ("HOJICHA", 3)], VISA);
    let order_id = shop.place("mori", "k-1", &order).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SENCHA").await, 8);
    assert_eq!(shop.available("HOJICHA").await, 7);
    let total = 2 * 800 + 3 * 500 + FEE;
    assert_eq!(shop.order(&order_id).await["total"], yen(total));
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!(
        (ledger[0].amount_held_minor, ledger[0].amount_captured_minor),
        (total, 0)
    );

    let list = shop
        .look_up("/api/operator/shipments?status=to_pack")
        .await
        .unwrap();
    assert_eq!(list["shipments"][0]["order_id"], order_id, "{list}");
    shop.ship(&order_id, "pack", json!({})).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(
        (ledger[0].amount_held_minor, ledger[0].amount_captured_minor),
        (0, total)
    );
    let payment = shop.payment(&order_id).await;
    assert_eq!(payment["captured"], yen(total), "{payment}");
    let reservation = shop
        .look_up(&format!("/api/operator/reservations/{order_id}"))
        .await
        .unwrap();
    assert_eq!(reservation["status"], "consumed", "{reservation}");

    shop.ship(&order_id, "deliver", json!({})).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_are_told_once_each_in_their_own_language() {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "ja").await;
    shop.introduce("smith", "en").await;
    shop.sell(&[("SENCHA", 800)], 10).await;
    let of_mori = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 1)], VISA))
        .await;
    let of_smith = shop
        .place("smith", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    let of_nobody = shop
        .place("without-address", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    for order_id in [&of_mori, &of_smith, &of_nobody] {
        shop.quiet().await;
        shop.fulfil(order_id).await;
    }
    for (customer, order_id, is_japanese) in [("mori", &of_mori, true), ("smith", &of_smith, false)]
    {
        assert_eq!(
            told(&shop, order_id).await,
            ["order_confirmed", "shipment_dispatched"]
        );
        let mails = shop.mails(customer);
        assert_eq!(mails.len(), 2, "{mails:?}");
        for mail in &mails {
            let text = mail.text.as_deref().unwrap();
            assert_eq!(has_kana(&mail.subject), is_japanese, "{mail:?}");
            assert_eq!(has_kana(text), is_japanese, "{mail:?}");
            assert!(text.contains(order_id.as_str()), "{mail:?}");
        }
        let parcel = mails[1].text.as_deref().unwrap();
        assert!(parcel.contains(&format!("HK-{order_id}")), "{parcel}");
    }
    assert_eq!(shop.stack.mail().count().unwrap(), 4);
    shop.finish(&[]).await;
}

fn has_kana(text: &str) -> bool {
    text.chars()
        .any(|letter| ('\u{3041}'..='\u{30ff}').contains(&letter))
}

/// What was sent about an order, by kind, in the order of the alphabet.
async fn told(shop: &Shop, order_id: &str) -> Vec<String> {
    let path = format!("/api/operator/notifications/{order_id}");
    let sent = shop.look_up(&path).await.unwrap();
    let sent = sent["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["status"] == "sent");
    let mut kinds: Vec<String> = sent
        .map(|one| one["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_in_two_parcels_is_charged_once_and_completed_by_the_last() {
    let shop = Shop::open(options()).await;
    shop.introduce("smith", "en").await;
    shop.sell(&[("SENCHA", 800), ("HOJICHA", 500)], 10).await;
    let order = wish(&[("SENCHA", 2), ("HOJICHA", 1)], VISA);
    let order_id = shop.place("smith", "k-1", &order).await;
    shop.quiet().await;
    let total = 2 * 800 + 500 + FEE;

    let first = json!({
        "carrier": "Hikyaku", "tracking_number": "HK-1", "lines": [{ "sku": "SENCHA", "quantity": 1 }],
    });
    shop.ship(&order_id, "dispatch", first).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "partially_dispatched"])
        .await;
    let reservation = shop
        .look_up(&format!("/api/operator/reservations/{order_id}"))
        .await
        .unwrap();
    assert_eq!(reservation["status"], "partly_consumed", "{reservation}");

    let second = json!({ "carrier": "Hikyaku", "tracking_number": "HK-2" });
    let shipment = shop.ship(&order_id, "dispatch", second).await;
    assert_eq!(
        shipment["parcels"].as_array().unwrap().len(),
        2,
        "{shipment}"
    );
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;
    shop.ship(&order_id, "deliver", json!({ "parcel": 2 }))
        .await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;
    shop.ship(&order_id, "deliver", json!({ "parcel": 1 }))
        .await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;

    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!((ledger.len(), ledger[0].amount_captured_minor), (1, total));
    let mails = shop.mails("smith");
    let mentions = |number: &str| {
        mails
            .iter()
            .filter(|mail| mail.text.as_deref().unwrap().contains(number))
            .count()
    };
    assert_eq!(
        (mails.len(), mentions("HK-1"), mentions("HK-2")),
        (3, 1, 1),
        "{mails:?}"
    );
    shop.finish(&[]).await;
}

/// More lines than one transaction has room for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_150_lines_is_reserved_charged_and_completed_as_a_whole() {
    let shop = Shop::open(options()).await;
    let skus: Vec<String> = (0..150).map(|number| format!("SKU-{number:03}")).collect();
    let prices: Vec<(&str, i64)> = skus.iter().map(String::as_str).zip(100..).collect();
    shop.sell(&prices, 3).await;
    let lines: Vec<(&str, u32)> = skus
        .iter()
        .map(String::as_str)
        .zip([1, 2, 3].into_iter().cycle())
        .collect();
    let order_id = shop.place("mori", "k-1", &wish(&lines, VISA)).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SKU-000").await, 2);
    assert_eq!(shop.available("SKU-149").await, 0);
    shop.fulfil(&order_id).await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    let sum: i64 = lines
        .iter()
        .zip(&prices)
        .map(|((_, quantity), (_, price))| i64::from(*quantity) * price)
        .sum();
    assert_eq!(shop.order(&order_id).await["total"], yen(sum + FEE));

    // One line falls short: nothing of the other 149 is taken.
    let refused = shop
        .place(
            "smith",
            "k-1",
            &wish(&lines_with_one_too_many(&lines), VISA),
        )
        .await;
    shop.quiet().await;
    let order = shop.order(&refused).await;
    assert_eq!(
        (&order["status"], &order["cancellation_reason"]),
        (&json!("cancelled"), &json!("out_of_stock"))
    );
    assert_eq!(shop.available("SKU-000").await, 2);
    shop.finish(&[]).await;
}

fn lines_with_one_too_many<'a>(lines: &[(&'a str, u32)]) -> Vec<(&'a str, u32)> {
    // Of a SKU that was ordered less than thrice some are left; the last line asks for one that is gone.
    let left = lines
        .iter()
        .filter(|(_, quantity)| *quantity < 3)
        .map(|(sku, _)| (*sku, 1));
    left.chain(lines.last().map(|(sku, _)| (*sku, 1))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_can_be_sold_again() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 2).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.fulfil(&order_id).await;
    assert_eq!(shop.available("SENCHA").await, 0);
    let back = json!({ "lines": [{ "sku": "SENCHA", "quantity": 1 }], "restock": true });
    let path = format!("/api/operator/shipments/{order_id}/returns");
    for _ in 0..2 {
        let reply = shop
            .ask(
                Method::POST,
                &path,
                Some("operator:o-1"),
                Some("return-1"),
                Some(&back),
            )
            .await;
        assert!(reply.status.is_success(), "{reply:?}");
    }
    shop.quiet().await;
    assert_eq!(shop.available("SENCHA").await, 1);
    let movements = shop
        .look_up("/api/operator/stock/SENCHA/movements")
        .await
        .unwrap();
    let returned = |entry: &&Value| entry["reason"] == "returned";
    let entries: Vec<&Value> = movements["movements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(returned)
        .collect();
    assert_eq!(
        (entries.len(), &entries[0]["by"]),
        (1, &json!(1)),
        "{movements}"
    );
    shop.finish(&[]).await;
}
