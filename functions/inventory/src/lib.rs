//! The inventory context
