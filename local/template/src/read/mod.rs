//! One reader for each resource type: from resolved properties to the model, taking every property or refusing it.

mod api;
mod event;
mod function;
mod messaging;
mod permission;
mod table;
mod watching;

pub(crate) use api::api;
pub(crate) use function::function;
pub(crate) use messaging::{queue, queue_policy, subscription, topic};
pub(crate) use permission::{log_group, role};
pub(crate) use table::table;
pub(crate) use watching::{alarm, dashboard};

use crate::error::Refusal;
use crate::field::Field;
use crate::identity::{Identity, Kind};
use crate::intrinsic::Scope;

/// The resource of this template that an ARN names.
fn named<'scope>(
    arn: Field,
    kind: Kind,
    scope: &'scope Scope<'_>,
) -> Result<&'scope Identity, Refusal> {
    let text = arn.clone().text()?;
    let mut candidates = scope
        .identities
        .values()
        .filter(|identity| identity.kind == kind);
    candidates
        .find(|identity| identity.arn == text)
        .ok_or_else(|| {
            arn.refuse(format!(
                "{text} is not an {} of this template",
                kind.type_name()
            ))
        })
}
