//! Signature Version 4 for the few requests to AWS that no client of the SDK makes.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;

use crate::Environment;

/// The function's own credentials, for one service in its region.
pub(crate) struct Signer {
    identity: Identity,
    region: String,
    service: &'static str,
}

impl Signer {
    /// By the environment. The service is the name by which signatures know it.
    pub fn of(environment: &Environment, service: &'static str) -> Result<Self, String> {
        let need = |name: &str| environment.require(name).map_err(|error| error.to_string());
        let credentials = Credentials::new(
            need("AWS_ACCESS_KEY_ID")?,
            need("AWS_SECRET_ACCESS_KEY")?,
            environment.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        Ok(Self {
            identity: credentials.into(),
            region: need("AWS_REGION")?.to_owned(),
            service,
        })
    }

    /// A `POST` of the body with those headers, signed at that time.
    pub fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
        now: SystemTime,
    ) -> Result<Request, String> {
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let signable = SignableRequest::new(
            "POST",
            url,
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let signing = signable.and_then(|signable| sign(signable, &parameters));
        let (instructions, _) = signing.map_err(|error| error.to_string())?.into_parts();
        let mut request = http::Request::builder().method("POST").uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request
            .body(SdkBody::from(body))
            .map_err(|error| error.to_string())?;
        instructions.apply_to_request_http1x(&mut request);
        Request::try_from(request).map_err(|error| error.to_string())
    }
}
