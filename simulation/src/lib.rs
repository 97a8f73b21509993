//! A deterministic world that runs the real code of every context, goes wrong in every way that is known of, and is
//! audited after every event.
//!
//! Owns the world: its clock, chance, queues, streams, schedule, payment provider and people, and what must hold of it
//! all. Does not own any of the code that it tries: the contexts are those that Lambda runs, behind their own doors.

mod agenda;
pub mod audit;
mod bus;
pub mod crash_points;
mod dice;
mod fabric;
pub mod faults;
mod logs;
mod people;
pub mod planted;
mod ports;
mod provider;
mod report;
mod run;
mod settings;
mod site;
mod trace;
mod world;

pub use fabric::{CrashPoint, Moment};
pub use report::{Report, WorldReport};
pub use run::{run_seed, run_seeds};
pub use settings::Settings;
pub use site::Site;
