//! `AWS::IAM::Role` and `AWS::Logs::LogGroup`. The engine enforces neither: they are read so that the project's rules
//! about them can be checked on what will be deployed.

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::Identity;
use crate::model::{LogGroup, Permission, Role};

pub(crate) fn log_group(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
) -> Result<LogGroup, Refusal> {
    let retention_days = fields
        .take("RetentionInDays")
        .map(|field| field.integer(1..=3_653))
        .transpose()?;
    fields.finish()?;
    Ok(LogGroup {
        logical_id,
        name: identity.name.clone(),
        retention_days,
    })
}

/// Only inline policies of plain `Allow` statements: managed policies allow whole accounts, and conditions or denials
/// would make the list of what is allowed untrue.
pub(crate) fn role(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
) -> Result<Role, Refusal> {
    let mut permissions = Vec::new();
    for policy in fields.need("Policies")?.list()? {
        let mut policy = policy.fields("an inline policy")?;
        policy.need("PolicyName")?.text()?;
        for statement in statements(policy.need("PolicyDocument")?)? {
            let mut statement = statement.fields("a statement of a role")?;
            statement.take("Sid");
            statement.need("Effect")?.one_of(&["Allow"])?;
            let actions = statement.need("Action")?.one_or_more_texts()?;
            let resources = statement.need("Resource")?.one_or_more_texts()?;
            statement.finish()?;
            permissions.push(Permission { actions, resources });
        }
        policy.finish()?;
    }
    fields.finish()?;
    Ok(Role {
        logical_id,
        arn: identity.arn.clone(),
        permissions,
    })
}

/// The statements of a policy document.
pub(super) fn statements(document: Field) -> Result<Vec<Field>, Refusal> {
    let mut document = document.fields("a policy document")?;
    document.need("Version")?.one_of(&["2012-10-17"])?;
    let statements = document.need("Statement")?.list()?;
    document.finish()?;
    Ok(statements)
}
