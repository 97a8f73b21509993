//! Who says and who hears what, in the whole system.
//!
//! A [`Catalogue`] joins the published language (`shared/contracts`) with what the template subscribes to what. Of it are
//! made the AsyncAPI document ([`asyncapi::document`]), the pages of the local stack ([`Pages`]), and the judgement of a
//! change ([`gate`]): which consumer would it break? The binary `event-catalogue` writes what is committed of all that.
//!
//! Does not own what an event says (`shared/contracts`), nor how the template is read (`local/template`). That filter
//! policies are what the contexts' code declares it hears is held by `local/tests/structure.rs`.

mod catalogue;
mod language;
mod pages;
mod template;

pub mod artefact;
pub mod asyncapi;
pub mod compatibility;
pub mod gate;
pub mod history;
pub mod published;
pub mod schema;

pub use catalogue::{Catalogue, Consumer, Context, Event, Subscription};
pub use pages::Pages;
pub use template::{UnreadableTemplate, load_template};
