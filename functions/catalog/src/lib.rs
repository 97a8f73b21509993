//! The catalog context
