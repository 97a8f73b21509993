//! The whole of Noren on one machine
