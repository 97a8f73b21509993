//! Carts over HTTP: the same for customers and guests, each their own; and guests' sessions.

mod description;

use ::http::StatusCode;
use ::store::{Origin, Store};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use contracts::Cause;
use decider::{Aggregate as _, ExecuteError, execute, read};
use door::{
    Body, Customer, FieldProblem, Guest, GuestDesk, IdempotencyKey, Problem, RequestCause, Shopper,
};
use identifiers::{CartId, CorrelationId, CustomerId, MessageId, OrderId, Region, Sku, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::cart::{
    Cart, CartCommand, CartEvent, CartLine, CartRejection, CheckoutWish, MAX_QUANTITY, Offer,
};
use crate::shelf;
use crate::view::CartView;

pub(crate) use description::description;

/// The longest token of a payment method, as orders takes it.
const MAX_PAYMENT_METHOD_CHARACTERS: usize = 128;

/// The routes of carts.
pub(crate) fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route("/api/guest/session", post(begin_session))
        .route("/api/cart", get(show::<S, Customer>))
        .route(
            "/api/cart/lines/{sku}",
            put(set_line::<S, Customer>).delete(remove_line::<S, Customer>),
        )
        .route("/api/cart/merge", post(merge::<S>))
        .route("/api/cart/checkout", post(check_out::<S, Customer>))
        .route("/api/guest/cart", get(show::<S, Guest>))
        .route(
            "/api/guest/cart/lines/{sku}",
            put(set_line::<S, Guest>).delete(remove_line::<S, Guest>),
        )
        .route("/api/guest/cart/checkout", post(check_out::<S, Guest>))
        .with_state(store)
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "GuestSession")]
struct SessionView {
    /// To be sent in the header `Guest-Token`.
    guest_token: String,
    expires_at: Timestamp,
}

async fn begin_session(desk: GuestDesk) -> Result<Response, Problem> {
    let made = desk.issue();
    let session = SessionView {
        guest_token: made.token,
        expires_at: made.expires_at,
    };
    Ok((StatusCode::CREATED, Json(session)).into_response())
}

async fn show<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
) -> Result<Json<CartView>, Problem> {
    let cart = read::<Cart, S>(&store, &who.into_id()).await?;
    Ok(Json(CartView::of(&store, cart).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CartQuantity")]
struct QuantityBody {
    /// How many there shall be in the cart.
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    quantity: u32,
}

async fn set_line<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(QuantityBody { quantity }): Body<QuantityBody>,
) -> Result<Json<CartView>, Problem> {
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        return Err(Problem::field(
            "quantity",
            format!("must be 1 to {MAX_QUANTITY}"),
        ));
    }
    let sku = Sku::new(sku).map_err(|_| no_sku())?;
    let known = shelf::prices(&store, [&sku]).await?.remove(&sku);
    let known = known.and_then(|known| Some((known.product_id, known.price?)));
    let (product_id, unit_price) = known.ok_or_else(|| not_on_sale(sku.as_str()))?;
    let customer_id = who.into_id();
    let command = CartCommand::SetLine {
        customer_id: customer_id.clone(),
        cart_id: new_cart_id(&customer_id, &cause),
        line: CartLine {
            sku,
            product_id,
            quantity,
            unit_price,
            price_was: None,
        },
        now: cause.now,
    };
    change(&store, &customer_id, &cause, &command).await
}

async fn remove_line<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
) -> Result<Json<CartView>, Problem> {
    let customer_id = who.into_id();
    let sku = Sku::new(sku).map_err(|_| no_sku())?;
    let command = CartCommand::RemoveLine {
        sku,
        now: cause.now,
    };
    change(&store, &customer_id, &cause, &command).await
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CartMerge")]
struct MergeBody {
    /// The token of the guest that the customer was before.
    guest_token: String,
}

/// Two carts, two writes: the customer's remembers which cart went into it, so that whatever fails between the two, a
/// repeat adds nothing twice.
async fn merge<S: Store + Clone>(
    State(store): State<S>,
    Customer(customer_id): Customer,
    desk: GuestDesk,
    RequestCause(cause): RequestCause,
    Body(MergeBody { guest_token }): Body<MergeBody>,
) -> Result<Json<CartView>, Problem> {
    let guest = desk.check(&guest_token).ok_or_else(no_guest)?;
    let theirs = read::<Cart, S>(&store, &guest).await?;
    let theirs = theirs.and_then(|cart| Some((cart.cart_id?, cart.lines)));
    // Where nothing comes in, the key is still held against what it was used for.
    let (from, lines) = theirs.unwrap_or_else(|| (new_cart_id(&guest, &cause), Vec::new()));
    let is_empty = lines.is_empty();
    let command = CartCommand::Merge {
        customer_id: customer_id.clone(),
        cart_id: new_cart_id(&customer_id, &cause),
        from: from.clone(),
        lines,
        now: cause.now,
    };
    let merged = change(&store, &customer_id, &cause, &command).await?;
    if is_empty {
        return Ok(merged);
    }
    let emptied = Cause {
        message_id: message("merged", &[from.as_str()]),
        request: None,
        ..cause.clone()
    };
    let command = CartCommand::Empty {
        cart_id: from,
        now: cause.now,
    };
    let _ = change(&store, &guest, &emptied, &command).await?;
    Ok(merged)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CartCheckout")]
struct CheckoutBody {
    /// The version of the cart that the customer saw.
    version: u64,
    /// Where it shall go.
    region: Region,
    /// The provider's token of the payment method.
    #[schemars(length(min = 1, max = MAX_PAYMENT_METHOD_CHARACTERS), regex(pattern = "^[A-Za-z0-9_]+$"))]
    payment_method: String,
    /// The total that the customer was shown, tax and shipping included.
    expected_total: Money,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CartOrder")]
struct OrderedView {
    /// The order that is being placed. It can be read a moment later.
    order_id: OrderId,
}

async fn check_out<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    key: IdempotencyKey,
    RequestCause(cause): RequestCause,
    Body(body): Body<CheckoutBody>,
) -> Result<Response, Problem> {
    key.required()?;
    let wish = body.checked()?;
    let customer_id = who.into_id();
    let cart = read::<Cart, S>(&store, &customer_id).await?;
    let cart = cart.ok_or_else(|| refused(CartRejection::Empty))?;
    // Also under a key that was used: nobody is told of what an erased customer ordered.
    if cart.erased_at.is_some() {
        return Err(refused(CartRejection::Erased));
    }
    let prices = shelf::prices(&store, cart.lines.iter().map(|line| &line.sku)).await?;
    let offers = cart.lines.iter().map(|line| Offer {
        sku: line.sku.clone(),
        price: prices.get(&line.sku).and_then(|known| known.price),
    });
    let revision = wish.revision;
    let order_id = order_id(&customer_id, cart.cart_id.as_ref(), revision);
    let command = CartCommand::CheckOut {
        wish,
        order_id: order_id.clone(),
        offers: offers.collect(),
        now: cause.now,
    };
    let cause = Cause {
        correlation_id: CorrelationId::from(&order_id),
        ..cause
    };
    // What only tells new prices is refused, and leaves the key to the wish that is granted.
    let telling = Cause {
        message_id: message("reprice", &[order_id.as_str()]),
        request: None,
        ..cause.clone()
    };
    let decided = Cart::decide(Some(&cart), &command);
    let tells = matches!(decided.as_deref(), Ok([CartEvent::Repriced { .. }]));
    let ask = async |cause: &Cause| {
        execute::<Cart, S>(&store, &customer_id, cause, Origin::Http, &command).await
    };
    let outcome = match ask(if tells { &telling } else { &cause }).await {
        // It may be this cart's own telling that made it another, and the answer was lost.
        Err(ExecuteError::Rejected(CartRejection::Outdated { .. })) => ask(&telling).await,
        outcome => outcome,
    };
    let cart = outcome.map_err(problem)?.state;
    match cart.as_ref().and_then(|cart| cart.order_of(revision)) {
        Some(order_id) => Ok(ordered(order_id.clone())),
        None if cart.as_ref().is_some_and(|cart| cart.erased_at.is_some()) => {
            Err(refused(CartRejection::Erased))
        }
        None => Err(repriced(cart.as_ref())),
    }
}

impl CheckoutBody {
    fn checked(self) -> Result<CheckoutWish, Problem> {
        let method = &self.payment_method;
        let printable = method
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if method.is_empty() || method.len() > MAX_PAYMENT_METHOD_CHARACTERS || !printable {
            return Err(no_payment_method());
        }
        Ok(CheckoutWish {
            revision: self.version,
            region: self.region,
            payment_method: self.payment_method,
            expected_total: self.expected_total,
        })
    }
}

fn ordered(order_id: OrderId) -> Response {
    (StatusCode::ACCEPTED, Json(OrderedView { order_id })).into_response()
}

async fn change<S: Store + Clone>(
    store: &S,
    customer_id: &CustomerId,
    cause: &Cause,
    command: &CartCommand,
) -> Result<Json<CartView>, Problem> {
    let outcome = execute::<Cart, S>(store, customer_id, cause, Origin::Http, command).await;
    let cart = outcome.map_err(problem)?.state;
    Ok(Json(CartView::of(store, cart).await?))
}

/// The id of a cart that a request begins: another request of the same customer's is another cart.
fn new_cart_id(customer_id: &CustomerId, cause: &Cause) -> CartId {
    let digest = Sha256::new()
        .chain_update(customer_id.as_str())
        .chain_update([0])
        .chain_update(cause.message_id.as_str())
        .chain_update(cause.now.milliseconds().to_be_bytes())
        .finalize();
    CartId::new(hex::encode(&digest[..16])).expect("hexadecimal digits make an identifier")
}

/// The order that a version of a cart becomes: the same for the same version, so that repeats meet on one order.
fn order_id(customer_id: &CustomerId, cart_id: Option<&CartId>, revision: u64) -> OrderId {
    let digest = Sha256::new()
        .chain_update(customer_id.as_str())
        .chain_update([0])
        .chain_update(cart_id.map_or("", CartId::as_str))
        .chain_update(revision.to_be_bytes())
        .finalize();
    OrderId::new(hex::encode(&digest[..16])).expect("hexadecimal digits make an identifier")
}

fn message(what: &str, of: &[&str]) -> MessageId {
    MessageId::new(format!("{what}:{}", of.join(":")))
        .expect("a word and an identifier make an identifier")
}

fn no_sku() -> Problem {
    Problem::field("sku", "can be no SKU")
}

fn not_on_sale(sku: &str) -> Problem {
    let shown: String = sku.chars().take(64).collect();
    let mut problem = Problem::unprocessable("unsellable", format!("{shown} is not on sale"));
    problem.errors.push(FieldProblem {
        field: "sku".to_owned(),
        message: format!("{shown} is not on sale"),
    });
    problem
}

fn no_guest() -> Problem {
    Problem::field("guest_token", "is no guest's token, or has expired")
}

fn no_payment_method() -> Problem {
    Problem::field(
        "payment_method",
        "must be a token of the payment provider, such as pm_card_visa",
    )
}

/// Prices have changed: each line is named, and the cart has a new version with the new prices.
fn repriced(cart: Option<&Cart>) -> Problem {
    let lines = cart.map_or(&[][..], |cart| &cart.lines);
    let changed = lines
        .iter()
        .filter_map(|line| Some((line, line.price_was?)));
    let errors: Vec<FieldProblem> = changed
        .map(|(line, was)| FieldProblem {
            field: format!("lines[{}].unit_price", line.sku),
            message: format!(
                "{} costs {} now, and no longer {was}",
                line.sku, line.unit_price
            ),
        })
        .collect();
    let each: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    let detail = match each.is_empty() {
        true => "the cart has changed".to_owned(),
        false => each.join("; "),
    };
    let mut problem = Problem::conflict("prices-changed", detail);
    problem.errors = errors;
    problem
}

fn problem(error: ExecuteError<CartRejection>) -> Problem {
    match error {
        ExecuteError::Failed(failure) => failure.into(),
        ExecuteError::Rejected(rejection) => refused(rejection),
    }
}

fn refused(rejection: CartRejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        CartRejection::TooManyLines => Problem::unprocessable("too-many-lines", detail),
        CartRejection::OtherCurrency { .. } => Problem::unprocessable("other-currency", detail),
        CartRejection::Outdated { .. } => Problem::conflict("cart-changed", detail),
        CartRejection::Empty => Problem::conflict("cart-empty", detail),
        CartRejection::Erased => Problem::gone("customer-erased", detail),
        CartRejection::NotOnSale(skus) => {
            let named: Vec<&str> = skus.iter().map(Sku::as_str).collect();
            let detail = format!("not on sale any more: {}", named.join(", "));
            let mut problem = Problem::conflict("not-on-sale", detail);
            problem.errors = skus
                .iter()
                .map(|sku| FieldProblem {
                    field: format!("lines[{sku}].sku"),
                    message: format!("{sku} is not on sale any more"),
                })
                .collect();
            problem
        }
    }
}
