//! `AWS::Serverless::HttpApi`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::model::{Api, Authorizer, Cors};

/// Lambda's limit for the payload of a synchronous invocation, both ways. API Gateway's own is 10 MB.
const INVOCATION_LIMIT_BYTES: usize = 6 * 1024 * 1024;
/// API Gateway's limit for an integration of an HTTP API.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn api(logical_id: String, mut fields: Fields) -> Result<Api, Refusal> {
    if let Some(stage) = fields.take("StageName") {
        stage.one_of(&["$default"])?;
    }
    let mut authorizers = BTreeMap::new();
    let mut default_authorizer = None;
    if let Some(auth) = fields.take("Auth") {
        let mut auth = auth.fields("the Auth of an HttpApi")?;
        if let Some(declared) = auth.take("Authorizers") {
            for (name, field) in declared.entries()? {
                authorizers.insert(name, authorizer(field)?);
            }
        }
        if let Some(field) = auth.take("DefaultAuthorizer") {
            let name = field.clone().text()?;
            if !authorizers.contains_key(&name) {
                return Err(field.refuse(format!("there is no authoriser {name}")));
            }
            default_authorizer = Some(name);
        }
        auth.finish()?;
    }
    let cors = fields.take("CorsConfiguration").map(cors).transpose()?;
    fields.finish()?;
    Ok(Api {
        logical_id,
        authorizers,
        default_authorizer,
        cors,
        request_limit_bytes: INVOCATION_LIMIT_BYTES,
        response_limit_bytes: INVOCATION_LIMIT_BYTES,
        integration_timeout: INTEGRATION_TIMEOUT,
    })
}

fn authorizer(field: Field) -> Result<Authorizer, Refusal> {
    let mut fields = field.fields("a JWT authoriser")?;
    let source = fields.need("IdentitySource")?;
    let text = source.clone().text()?;
    let header = text
        .strip_prefix("$request.header.")
        .ok_or_else(|| source.refuse("a token is taken from a request header only"))?
        .to_ascii_lowercase();
    let mut jwt = fields
        .need("JwtConfiguration")?
        .fields("JwtConfiguration")?;
    let issuer = jwt.need("issuer")?.text()?;
    let audience = jwt.need("audience")?.texts()?;
    jwt.finish()?;
    fields.finish()?;
    Ok(Authorizer {
        issuer,
        audience,
        header,
    })
}

fn cors(field: Field) -> Result<Cors, Refusal> {
    let mut fields = field.fields("CorsConfiguration")?;
    let mut list = |key: &str| fields.take(key).map_or(Ok(Vec::new()), Field::texts);
    let allow_origins = list("AllowOrigins")?;
    let allow_methods = list("AllowMethods")?;
    let allow_headers = list("AllowHeaders")?;
    let expose_headers = list("ExposeHeaders")?;
    let allow_credentials = fields
        .take("AllowCredentials")
        .map_or(Ok(false), Field::boolean)?;
    let max_age_seconds = fields
        .take("MaxAge")
        .map(|field| field.integer(0..=86_400))
        .transpose()?;
    fields.finish()?;
    Ok(Cors {
        allow_origins,
        allow_methods,
        allow_headers,
        expose_headers,
        allow_credentials,
        max_age_seconds,
    })
}
