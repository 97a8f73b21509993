//! The notifications context
