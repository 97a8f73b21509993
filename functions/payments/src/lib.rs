//! The payments context
