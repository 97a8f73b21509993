//! The contexts that can run in this process: the cargo binary that the template names, and how it starts.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use door::{Environment, Function, StartError};

type Starting = Pin<Box<dyn Future<Output = Result<Function, StartError>> + Send>>;

/// Starts a function with the environment that the template gives it.
pub(crate) type Start = Box<dyn Fn(Environment) -> Starting + Send + Sync>;

/// Every context, by its binary.
pub(crate) fn all() -> BTreeMap<&'static str, Start> {
    BTreeMap::from([
        ("carts", start(carts::start)),
        ("catalog", start(catalog::start)),
        ("customers", start(customers::start)),
        ("insights", start(insights::start)),
        ("inventory", start(inventory::start)),
        ("notifications", start(notifications::start)),
        ("orders", start(orders::start)),
        ("payments", start(payments::start)),
        ("shipping", start(shipping::start)),
    ])
}

fn start<F>(start: fn(Environment) -> F) -> Start
where
    F: Future<Output = Result<Function, StartError>> + Send + 'static,
{
    Box::new(move |environment| Box::pin(start(environment)))
}
