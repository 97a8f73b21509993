//! The shipping context
