//! The one primitive: load, decide, evolve, commit
