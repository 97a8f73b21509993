//! Identifiers and instants that cross contexts
