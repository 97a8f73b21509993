//! Those who use the shop: customers and operators, what they mean to do, and the requests that they send.

mod errand;
mod plan;
mod request;
mod shop;

pub use errand::{Errand, What};
pub use plan::{CancelWhen, Confirms, Plan, SeenCart, lines_json};
pub use request::{Answer, Caller, Request, callers};
pub use shop::{CANARY, Goods, REGION};
