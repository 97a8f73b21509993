//! Where the parts of a stack listen: always 127.0.0.1.

use serde::{Deserialize, Serialize};

/// Where the AWS endpoint serves the pages of the event catalogue.
pub(crate) const EVENT_PAGES: &str = "/_noren/events";

/// Base URLs, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The HTTP API.
    pub http_api: String,
    /// DynamoDB with its streams, SNS, SQS and SES, and the stack's own counts under `/_noren`.
    pub aws: String,
    /// The payment stand-in.
    pub payments: String,
    /// The mail inbox.
    pub mail: String,
    /// The OpenID Connect issuer.
    pub identity: String,
}

/// Ports to listen on; 0 takes any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The HTTP API.
    pub http_api: u16,
    /// The AWS endpoint.
    pub aws: u16,
    /// The payment stand-in.
    pub payments: u16,
    /// The mail inbox.
    pub mail: u16,
    /// The OpenID Connect issuer.
    pub identity: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            http_api: 8080,
            aws: 4566,
            payments: 8094,
            mail: 8025,
            identity: 8095,
        }
    }
}

impl Ports {
    /// Any free ports, for stacks beside each other.
    pub const FREE: Self = Self {
        http_api: 0,
        aws: 0,
        payments: 0,
        mail: 0,
        identity: 0,
    };
}

impl Addresses {
    /// The pages of the event catalogue.
    pub fn event_pages(&self) -> String {
        format!("{}{EVENT_PAGES}", self.aws)
    }

    pub(crate) fn of_ports(ports: Ports) -> Self {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        Self {
            http_api: url(ports.http_api),
            aws: url(ports.aws),
            payments: url(ports.payments),
            mail: url(ports.mail),
            identity: url(ports.identity),
        }
    }
}
