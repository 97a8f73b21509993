//! The operator: works the list of what waits to be packed, again and again. Of each shipment all is packed, leaves with a
//! tracking number, and is delivered at once: how long a carrier takes is not what is measured here. What waits together
//! is worked off together, as a warehouse does it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::book::Placing;
use super::plan::When;
use super::scene::Scene;
use crate::shop::{Call, Caller};

const PAGE: usize = 100;
/// How many orders are worked off by one request.
const TROLLEY: usize = 50;
/// Pauses between looks at a list on which there is nothing to do.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);

#[derive(Deserialize)]
struct Page {
    shipments: Vec<Shipment>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Shipment {
    order_id: String,
    status: String,
}

/// Works until told to stop.
pub(super) async fn run(scene: Arc<Scene>, at_a_time: usize, stop: CancellationToken) {
    let mut handled = HashSet::new();
    let mut pause = SHORTEST_PAUSE;
    while !stop.is_cancelled() {
        let waiting = waiting(&scene, &mut handled).await;
        if waiting.is_empty() {
            if stop
                .run_until_cancelled(tokio::time::sleep(pause))
                .await
                .is_none()
            {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            continue;
        }
        pause = SHORTEST_PAUSE;
        let trolleys: Vec<_> = waiting.chunks(TROLLEY).map(<[_]>::to_vec).collect();
        let at_once = at_a_time.div_ceil(TROLLEY);
        let work = futures::stream::iter(trolleys).for_each_concurrent(at_once, |trolley| {
            let scene = Arc::clone(&scene);
            async move { work_off(&scene, trolley).await }
        });
        work.await;
    }
}

/// What is on the list, is this replay's, and has not been handled. On a stack that somebody uses, the rest is theirs.
async fn waiting(scene: &Scene, handled: &mut HashSet<String>) -> Vec<(String, Placing)> {
    let mut found = Vec::new();
    // What is packed and was not dispatched is left over from a replay that was cut short.
    let mut cursor: Option<String> = None;
    loop {
        let after = cursor
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let path = format!("/api/operator/shipments?limit={PAGE}{after}");
        let list = Call::new(Method::GET, &path, Caller::Operator);
        let page = match scene.target.shop.get::<Page>(&list).await {
            Ok(page) => page,
            Err(error) => {
                scene.tally.mishap(error.to_string());
                return found;
            }
        };
        scene.tally.count("shipment_lists_read");
        for Shipment { order_id, .. } in page.shipments {
            if let Some(placing) = scene.book.placing(&order_id)
                && handled.insert(order_id.clone())
            {
                found.push((order_id, placing));
            }
        }
        match page.next {
            Some(next) if found.is_empty() => cursor = Some(next),
            Some(_) | None => return found,
        }
    }
}

async fn work_off(scene: &Arc<Scene>, trolley: Vec<(String, Placing)>) {
    let pack = |order_id: &str| json!({ "order_id": order_id, "act": "pack" });
    let packed = ask_for_all(scene, "pack", "shipments_packed", trolley, pack).await;
    cancel_some(scene, &packed, When::Packed);
    let dispatch = |order_id: &str| {
        let tracking_number = format!("HK-{order_id}");
        json!({ "order_id": order_id, "act": "dispatch", "carrier": "Hikyaku", "tracking_number": tracking_number })
    };
    let left = ask_for_all(scene, "dispatch", "shipments_dispatched", packed, dispatch).await;
    cancel_some(scene, &left, When::Dispatched);
    let deliver = |order_id: &str| json!({ "order_id": order_id, "act": "deliver" });
    ask_for_all(scene, "deliver", "shipments_delivered", left, deliver).await;
}

fn cancel_some(scene: &Arc<Scene>, orders: &[(String, Placing)], when: When) {
    for (order_id, placing) in orders {
        if let Some(cancel) = placing.plan.cancel.filter(|cancel| cancel.when == when) {
            let customer_id = &scene.baskets[placing.basket].customer_id;
            scene.cancel(order_id, customer_id, cancel);
        }
    }
}

#[derive(Deserialize)]
struct Results {
    results: Vec<ActResult>,
}

#[derive(Deserialize)]
struct ActResult {
    problem: Option<ActProblem>,
}

#[derive(Deserialize)]
struct ActProblem {
    status: u16,
    detail: String,
}

/// Asks for one act on each of the orders, in one request; returns those on which it was done. A shipment that has been
/// cancelled in between is put back on the shelf.
async fn ask_for_all(
    scene: &Scene,
    act: &str,
    counted_as: &'static str,
    orders: Vec<(String, Placing)>,
    body: impl Fn(&str) -> Value,
) -> Vec<(String, Placing)> {
    let Some((first, _)) = orders.first() else {
        return orders;
    };
    let key = format!("{act}-{}-from-{first}", orders.len());
    let acts: Vec<Value> = orders.iter().map(|(order_id, _)| body(order_id)).collect();
    let list = json!({ "acts": acts });
    let call = Call {
        idempotency_key: Some(&key),
        ..Call::json(
            Method::POST,
            "/api/operator/shipping/acts",
            Caller::Operator,
            &list,
        )
    };
    let Results { results } = match scene.target.shop.get(&call).await {
        Ok(results) => results,
        Err(error) => {
            scene.tally.mishap(error.to_string());
            return Vec::new();
        }
    };
    let mut done = Vec::with_capacity(orders.len());
    for ((order_id, placing), result) in orders.into_iter().zip(results) {
        match result.problem {
            None => {
                scene.tally.count(counted_as);
                done.push((order_id, placing));
            }
            Some(problem) if problem.status == StatusCode::CONFLICT.as_u16() => {
                scene.tally.count("shipments_cancelled_in_hand");
            }
            Some(ActProblem { status, detail }) => {
                let words = format!("order {order_id}: {act} got {status}: {detail}");
                scene.tally.mishap(words);
            }
        }
    }
    done
}

/// Delivers what left in an earlier run, which was cut short before it arrived. No list has it any more.
pub(super) async fn deliver_left_over(scene: &Scene, order_id: &str) {
    let path = format!("/api/operator/shipments/{order_id}");
    let show = Call::new(Method::GET, &path, Caller::Operator);
    match scene.target.shop.ask(&show).await {
        Ok(reply) if reply.status.is_success() => {
            let left = reply
                .read::<Shipment>()
                .is_ok_and(|shipment| shipment.status == "dispatched");
            if left && deliver(scene, order_id).await {
                scene.tally.count("shipments_delivered");
            }
        }
        // Not there yet: then it will be on the list.
        Ok(reply) if reply.status == StatusCode::NOT_FOUND => {}
        Ok(reply) => {
            let words = format!("order {order_id}: its shipment got {}", reply.status);
            scene.tally.mishap(words);
        }
        Err(error) => scene.tally.mishap(format!("order {order_id}: {error}")),
    }
}

/// Whether it was done. A shipment that has been cancelled in between is put back on the shelf.
async fn deliver(scene: &Scene, order_id: &str) -> bool {
    let path = format!("/api/operator/shipments/{order_id}/deliver");
    let call = Call::json(Method::POST, &path, Caller::Operator, &json!({}));
    match scene.target.shop.ask(&call).await {
        Ok(reply) if reply.status.is_success() => return true,
        Ok(reply) if reply.status == StatusCode::CONFLICT => {
            scene.tally.count("shipments_cancelled_in_hand");
        }
        Ok(reply) => {
            let (status, detail) = (reply.status, reply.detail());
            let words = format!("order {order_id}: deliver got {status}: {detail}");
            scene.tally.mishap(words);
        }
        Err(error) => scene.tally.mishap(format!("order {order_id}: {error}")),
    }
    false
}
