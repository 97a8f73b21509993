//! The Lambda door: triggers in, partial batch failures and problem+json out
