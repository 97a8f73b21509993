//! The ports of every context, as the world has them.

mod clock;
mod dead_letters;
mod mailer;
mod provider;
mod publisher;
mod store;

pub use clock::WorldClock;
pub use dead_letters::WorldDeadLetters;
pub use mailer::WorldMailer;
pub use provider::WorldProvider;
pub use publisher::WorldPublisher;
pub use store::WorldStore;
