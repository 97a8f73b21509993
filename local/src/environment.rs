//! The environment that a function starts with: the template's variables, and those that Lambda sets
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), pointed at this machine.

use std::collections::BTreeMap;

use sam_template::Function;

/// Credentials that nothing checks. Clients sign with them because they must sign with something.
const ACCESS_KEY_ID: &str = "local";
const SECRET_ACCESS_KEY: &str = "local";

/// A function's variables. Lambda's own win over the template's, as on AWS, where they are reserved.
pub(crate) fn of(
    function: &Function,
    region: &str,
    endpoint_url: &str,
) -> BTreeMap<String, String> {
    let mut variables = function.environment.clone();
    let log_group = function
        .log_group
        .clone()
        .unwrap_or_else(|| format!("/aws/lambda/{}", function.name));
    let own = [
        ("AWS_ENDPOINT_URL", endpoint_url.to_owned()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory_mb.to_string(),
        ),
        ("AWS_LAMBDA_LOG_GROUP_NAME", log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    variables
}
