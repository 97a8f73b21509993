//! A relay that fails for longer than its stream's records are tried: what it never said is published again from the
//! table, and the order ends.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use local_messaging::PublishVerdict;
use serde_json::{Value, json};
use tokio::process::Command;

use flow::counter::{VISA, label, wish};
use flow::{Shop, options};

/// Runs the command; its exit code, and what it said as JSON.
async fn noren(shop: &Shop, arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(arguments)
        .arg("--json")
        .env("NOREN_ENDPOINT", &shop.stack.addresses().aws)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let read = serde_json::from_slice(&output.stdout);
    let said = read.unwrap_or_else(|error| panic!("{error}: {stderr}"));
    (output.status.code().unwrap(), said)
}

fn events(said: &Value) -> u64 {
    let contexts = said["contexts"].as_array().unwrap().iter();
    contexts
        .map(|context| context["events"].as_u64().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_relay_never_said_is_published_again_and_the_order_ends() {
    let mut options = options();
    options
        .parameters
        .insert("StreamRetryAttempts".to_owned(), "1".to_owned());
    let shop = Shop::open(options).await;
    shop.sell(&[("SENCHA", 800)], 10).await;
    let since = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1)).to_string();
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;

    shop.stack.messaging().on_publish(Box::new(|attempt| {
        match attempt.topic_arn.ends_with("ShippingTopic") {
            true => PublishVerdict::FailEntries((0..10).collect()),
            false => PublishVerdict::Proceed,
        }
    }));
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.ship(&order_id, "deliver", json!({})).await;
    shop.quiet().await;
    // The stream has given both up: the parcel is with the customer, and nobody knows.
    let waits = ["confirmed", "authorized", "unfulfilled"];
    shop.assert_stands(&order_id, waits).await;

    let again = ["publish-again", "--since", &since, "--context", "shipping"];
    let (code, counted) = noren(&shop, &[&again[..], &["--dry-run"]].concat()).await;
    // The shipment's creation and the shop's rates were said before.
    let count = events(&counted);
    assert!(code == 0 && count >= 3, "{counted:#}");
    shop.assert_stands(&order_id, waits).await;

    // An entry fails once more; its page is tried again.
    shop.trouble_publishing(vec![PublishVerdict::FailEntries(vec![0])]);
    let (code, said) = noren(&shop, &again).await;
    assert_eq!((code, events(&said)), (0, count), "{said:#}");
    shop.quiet().await;
    let ended = ["completed", "captured", "delivered"];
    shop.assert_stands(&order_id, ended).await;

    // Everything of every context once more: nothing happens twice, as the end of this test checks.
    let (code, all) = noren(&shop, &["publish-again", "--since", &since]).await;
    assert!(code == 0 && events(&all) > count, "{all:#}");
    let contexts = shop.stack.template().functions.len();
    assert_eq!(all["contexts"].as_array().unwrap().len(), contexts);
    shop.quiet().await;
    shop.assert_stands(&order_id, ended).await;
    let failures = shop.stack.look().await.dead_letters;
    let given_up: usize = failures.values().sum();
    shop.finish(&[("ShippingStreamFailures", given_up)]).await;
}
