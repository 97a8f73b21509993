//! Customers: each takes the next basket in order of time, places it, acts if the bank asks, and waits for the decision
//! before the next.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::Speed;
use super::baskets::Basket;
use super::book::{Heard, Placing, Tracked};
use super::operator;
use super::plan::{Plan, When};
use super::scene::Scene;
use crate::shop::{Call, Caller};

/// After so long without news a customer looks the order up.
const LOOK_AFTER: Duration = Duration::from_secs(20);
/// After so many looks a customer goes on to the next basket, unless told to be more patient; the order may still be
/// decided later.
const LOOKS: u32 = 6;

/// How often a customer of such patience looks an order up.
pub(super) fn looks(patience: Duration) -> u32 {
    let whole = patience.as_secs() / LOOK_AFTER.as_secs();
    LOOKS.max(u32::try_from(whole).unwrap_or(u32::MAX))
}

#[derive(Deserialize)]
struct Order {
    order_id: String,
    status: String,
}

#[derive(Deserialize)]
struct Payment {
    #[serde(default)]
    action_url: Option<String>,
}

/// Places baskets until there are none left, or it is enough.
pub(super) async fn run(scene: Arc<Scene>) {
    loop {
        let number = scene.next.fetch_add(1, Ordering::Relaxed);
        let Some(basket) = scene.baskets.get(number) else {
            return;
        };
        let in_time = wait_for_its_time(&scene, basket);
        let in_time = scene.enough.run_until_cancelled(in_time).await.is_some();
        if !in_time || scene.enough.is_cancelled() {
            return;
        }
        if let Some((order_id, order, plan)) = place(&scene, number, basket).await {
            see_through(&scene, basket, &order_id, &order, plan).await;
        }
    }
}

async fn wait_for_its_time(scene: &Scene, basket: &Basket) {
    let (Speed::Times(times), Some(first)) = (scene.speed, scene.baskets.first()) else {
        return;
    };
    let since = basket.placed_at.duration_since(first.placed_at);
    let since = Duration::try_from(since).unwrap_or_default();
    let at = scene.begun + since.div_f64(times);
    tokio::time::sleep_until(at.into()).await;
}

async fn place(
    scene: &Arc<Scene>,
    number: usize,
    basket: &Basket,
) -> Option<(String, Arc<Tracked>, Plan)> {
    let plan = scene.planner.of_basket(&basket.basket_id);
    let lines = basket.lines.iter();
    let lines: Vec<Value> = lines
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
        .collect();
    let wish = json!({
        "lines": lines,
        "region": scene.assortment.region_of(basket.household),
        "payment_method": plan.card,
    });
    let key = format!("basket-{}", basket.basket_id);
    let caller = Caller::Customer(&basket.customer_id);
    let call = Call {
        idempotency_key: Some(&key),
        ..Call::json(Method::POST, "/api/orders", caller, &wish)
    };
    let begun = Instant::now();
    let reply = match scene.target.shop.ask(&call).await {
        Ok(reply) => reply,
        Err(error) => {
            scene.tally.count("orders_refused");
            scene
                .tally
                .mishap(format!("basket {}: {error}", basket.basket_id));
            return None;
        }
    };
    let placed = match reply.read::<Order>() {
        Ok(order) if reply.status.is_success() => order,
        Ok(_) | Err(_) => {
            let (status, detail) = (reply.status, reply.detail());
            let basket_id = &basket.basket_id;
            scene.tally.count("orders_refused");
            scene.tally.mishap(format!(
                "basket {basket_id} was refused with {status}: {detail}"
            ));
            return None;
        }
    };
    // An order that was there before this run sent it. One that an unanswered try of this run made is this run's.
    let resumed = reply.status == StatusCode::OK && reply.tries == 1;
    let order = scene.book.order(&placed.order_id);
    order.place(Placing {
        basket: number,
        begun,
        plan,
        resumed,
    });
    scene.tally.count(match resumed {
        true => "orders_resumed",
        false => "orders_placed",
    });
    if resumed {
        hear_status(&order, &placed.status);
        if order.facts().confirmed_at.is_some() && !order.facts().is_terminal() {
            operator::deliver_left_over(scene, &placed.order_id).await;
        }
    }
    Some((placed.order_id, order, plan))
}

/// What was said while nobody listened.
fn hear_status(order: &Tracked, status: &str) {
    match status {
        "confirmed" | "cancelling" => order.hear(Heard::Confirmed),
        "completed" => {
            order.hear(Heard::Confirmed);
            order.hear(Heard::Completed);
        }
        "cancelled" => order.hear(Heard::Cancelled),
        _ => {}
    }
}

async fn see_through(
    scene: &Arc<Scene>,
    basket: &Basket,
    order_id: &str,
    order: &Tracked,
    plan: Plan,
) {
    let customer_id = basket.customer_id.as_str();
    if let Some(cancel) = plan.cancel
        && let When::After(pause) = cancel.when
    {
        let (scene_then, order_id, customer_id) = (
            Arc::clone(scene),
            order_id.to_owned(),
            customer_id.to_owned(),
        );
        scene.cancellations.spawn(async move {
            tokio::time::sleep(pause).await;
            scene_then.cancel(&order_id, &customer_id, cancel);
        });
    }
    let mut acted = false;
    let mut looks = 0;
    loop {
        let news =
            order.until(|facts| facts.decided_at().is_some() || (facts.action_required && !acted));
        let facts = match tokio::time::timeout(LOOK_AFTER, news).await {
            Ok(facts) => facts,
            Err(_) if looks < scene.looks => {
                looks += 1;
                look_up(scene, customer_id, order_id, order, acted).await;
                continue;
            }
            Err(_) => {
                scene.tally.count("customers_who_gave_up_waiting");
                return;
            }
        };
        if facts.decided_at().is_none() {
            acted = true;
            act(scene, customer_id, order_id).await;
            continue;
        }
        if let Some(cancel) = plan.cancel.filter(|cancel| cancel.when == When::Confirmed)
            && facts.confirmed_at.is_some()
        {
            scene.cancel(order_id, customer_id, cancel);
        }
        return;
    }
}

async fn look_up(scene: &Scene, customer_id: &str, order_id: &str, order: &Tracked, acted: bool) {
    scene.tally.count("orders_looked_up");
    let path = format!("/api/orders/{order_id}");
    let look = Call::new(Method::GET, &path, Caller::Customer(customer_id));
    match scene.target.shop.get::<Order>(&look).await {
        Ok(found) => hear_status(order, &found.status),
        Err(error) => scene.tally.mishap(format!("order {order_id}: {error}")),
    }
    // The question to the customer may have been asked while nobody listened, too.
    if !acted && action_url(scene, customer_id, order_id).await.is_some() {
        order.hear(Heard::ActionRequired);
    }
}

async fn action_url(scene: &Scene, customer_id: &str, order_id: &str) -> Option<String> {
    let path = format!("/api/payments/{order_id}");
    let look = Call::new(Method::GET, &path, Caller::Customer(customer_id));
    let payment = scene.target.shop.get::<Payment>(&look).await.ok()?;
    payment.action_url
}

/// The customer's answer to the bank, on the bank's page.
async fn act(scene: &Scene, customer_id: &str, order_id: &str) {
    let Some(url) = action_url(scene, customer_id, order_id).await else {
        // Cancelled in between: there is no question any more.
        scene.tally.count("actions_not_needed");
        return;
    };
    let path = format!("{}/succeed", url.trim_end_matches('/'));
    let agree = Call::new(Method::POST, &path, Caller::Nobody);
    match scene.target.payments.ask(&agree).await {
        Ok(reply) if reply.status.is_success() => scene.tally.count("actions_taken"),
        // Cancelled in between: the bank has nothing to ask.
        Ok(reply) if reply.status.is_client_error() => scene.tally.count("actions_not_needed"),
        Ok(reply) => {
            let words = format!("order {order_id}: the bank answered {}", reply.status);
            scene.tally.mishap(words);
        }
        Err(error) => scene.tally.mishap(format!("order {order_id}: {error}")),
    }
}
