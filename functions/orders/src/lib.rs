//! The orders context
