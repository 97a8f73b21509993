//! Who a handler is for: a customer, an operator, or whoever shops.

use axum::extract::FromRequestParts;
use http::request::Parts;
use identifiers::CustomerId;

use crate::guest::GUEST_PREFIX;
use crate::{Caller, Guest, OPERATE_SCOPE, OPERATORS, Problem, SHOP_SCOPE};

/// A customer who calls for themselves.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::{Caller, Customer, SHOP_SCOPE};
///
/// async fn greet(Customer(id): Customer) -> String {
///     format!("Good day, {id}")
/// }
///
/// let mut parts = http::Request::new(()).into_parts().0;
/// parts.extensions.insert(Caller {
///     subject: Some("c-1".to_owned()),
///     scopes: vec![SHOP_SCOPE.to_owned()],
///     groups: Vec::new(),
/// });
/// let customer = Customer::from_request_parts(&mut parts, &()).await.unwrap();
/// assert_eq!(greet(customer).await, "Good day, c-1");
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Customer(pub CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let subject = Caller::of(parts)?.subject_with(SHOP_SCOPE)?;
        // What belongs to a guest belongs to the bearer of a guest's token, whatever an issuer calls its accounts.
        if subject.starts_with(GUEST_PREFIX) {
            return Err(Problem::unauthenticated());
        }
        CustomerId::new(subject)
            .map(Self)
            .map_err(|_| Problem::unauthenticated())
    }
}

/// An operator of the shop: one of the group, with a token that may do it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::{Caller, OPERATE_SCOPE, OPERATORS, Operator};
///
/// let mut parts = http::Request::new(()).into_parts().0;
/// let mut caller = Caller {
///     subject: Some("o-1".to_owned()),
///     scopes: vec![OPERATE_SCOPE.to_owned()],
///     groups: Vec::new(),
/// };
/// parts.extensions.insert(caller.clone());
/// // Anybody may ask for a scope: the group says who may have it.
/// assert_eq!(Operator::from_request_parts(&mut parts, &()).await.unwrap_err().status, 403);
///
/// caller.groups = vec![OPERATORS.to_owned()];
/// parts.extensions.insert(caller);
/// assert_eq!(Operator::from_request_parts(&mut parts, &()).await.unwrap().0, "o-1");
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Operator(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = Caller::of(parts)?;
        let subject = caller.subject_with(OPERATE_SCOPE)?;
        if !caller.groups.iter().any(|group| group == OPERATORS) {
            return Err(Problem::not_in_group(OPERATORS));
        }
        Ok(Self(subject.to_owned()))
    }
}

/// Who shops, signed in or not: for handlers that serve both. `T` is the router's state.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use door::{Customer, Guest, Shopper};
///
/// /// One handler for those who have signed in and those who have not.
/// async fn greet<W: Shopper<()>>(who: W) -> String {
///     format!("Good day, {}", who.into_id())
/// }
///
/// let router: Router = Router::new()
///     .route("/greeting", get(greet::<Customer>))
///     .route("/guest/greeting", get(greet::<Guest>));
/// # drop(router);
/// ```
pub trait Shopper<T>:
    FromRequestParts<T, Rejection = Problem> + openapi::Input + Send + 'static
{
    /// The id that everything of theirs is kept under.
    fn into_id(self) -> CustomerId;
}

impl<T: Send + Sync> Shopper<T> for Customer {
    fn into_id(self) -> CustomerId {
        self.0
    }
}

impl<T: Send + Sync> Shopper<T> for Guest {
    fn into_id(self) -> CustomerId {
        self.0
    }
}
