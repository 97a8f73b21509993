//! The payment provider of the world: what it does and what it keeps, by Stripe's rules.

mod books;
mod method;

pub use books::{Answered, Booked, Books, Wish};
pub use method::Method;
