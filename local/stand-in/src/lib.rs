//! A Stripe-compatible payment provider for local use
