//! Everything that customers and operators of a replay share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use http::{Method, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::arguments::Speed;
use super::assortment::Assortment;
use super::baskets::Basket;
use super::book::Book;
use super::plan::{Cancel, Planner};
use super::tally::Tally;
use super::target::Target;
use crate::shop::{Call, Caller};

/// What is played, where, and what is known of it so far.
pub(super) struct Scene {
    pub(super) target: Arc<Target>,
    pub(super) assortment: Assortment,
    pub(super) baskets: Vec<Basket>,
    pub(super) planner: Planner,
    pub(super) speed: Speed,
    pub(super) begun: Instant,
    /// How often a customer looks an order up that is not decided.
    pub(super) looks: u32,
    /// The basket that is next.
    pub(super) next: AtomicUsize,
    pub(super) book: Arc<Book>,
    pub(super) tally: Tally,
    /// No more baskets are placed.
    pub(super) enough: CancellationToken,
    /// Cancellations that are under way or wait for their moment.
    pub(super) cancellations: TaskTracker,
}

impl Scene {
    /// Cancels an order, as its customer or the operator. That a parcel has left is an answer as good as any.
    pub(super) fn cancel(self: &Arc<Self>, order_id: &str, customer_id: &str, cancel: Cancel) {
        let scene = Arc::clone(self);
        let (order_id, customer_id) = (order_id.to_owned(), customer_id.to_owned());
        self.cancellations.spawn(async move {
            let (path, caller) = match cancel.by_customer {
                true => (
                    format!("/api/orders/{order_id}/cancel"),
                    Caller::Customer(&customer_id),
                ),
                false => (
                    format!("/api/operator/orders/{order_id}/cancel"),
                    Caller::Operator,
                ),
            };
            let call = Call::json(Method::POST, &path, caller, &json!({}));
            match scene.target.shop.ask(&call).await {
                Ok(reply) if reply.status.is_success() => scene.tally.count("cancellations_asked"),
                Ok(reply) if reply.status == StatusCode::CONFLICT => {
                    scene.tally.count("cancellations_too_late");
                }
                Ok(reply) => {
                    let (status, detail) = (reply.status, reply.detail());
                    let words =
                        format!("order {order_id}: its cancellation got {status}: {detail}");
                    scene.tally.mishap(words);
                }
                Err(error) => scene.tally.mishap(format!("order {order_id}: {error}")),
            }
        });
    }
}
