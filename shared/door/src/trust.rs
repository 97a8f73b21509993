//! Whom a function's connections to AWS trust.
//!
//! Not here: whom it trusts elsewhere, such as a payment provider. There the machine's authorities decide, read when they are
//! first needed.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};

use crate::Environment;

/// The five roots of Amazon Trust Services, which asks whoever has a trust store of their own to have all of them
/// (<https://www.amazontrust.com/repository/>). The first ends in 2037.
const AMAZON_ROOTS: &str = include_str!("../trust/amazon-roots.pem");

/// Regions whose services may have certificates of other authorities: China, GovCloud, the isolated ones, and the European
/// sovereign cloud.
const REGIONS_APART: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
/// What names authorities, or services that are not AWS's own.
const SAYS_OTHERWISE: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_ENDPOINT_URL"];

/// Whose certificates are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Those of Amazon's own roots, which are part of the program. The machine has some 145 authorities, and reading them was
    /// more than half of a function's start.
    Amazon,
    /// Those of the authorities that the machine trusts, or that `SSL_CERT_FILE` or `SSL_CERT_DIR` name.
    Machine,
}

impl Trust {
    /// Who is believed about AWS's services, by the function's environment.
    pub(crate) fn of(environment: &Environment) -> Self {
        let is_set = |name: &&str| environment.get(name).is_some();
        let region = environment.get("AWS_REGION").unwrap_or_default();
        let is_apart = REGIONS_APART.iter().any(|apart| region.starts_with(apart));
        if is_apart || SAYS_OTHERWISE.iter().any(is_set) {
            Self::Machine
        } else {
            Self::Amazon
        }
    }

    pub(crate) fn context(self) -> TlsContext {
        let store = match self {
            Self::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
            Self::Machine => TrustStore::default(),
        };
        let context = TlsContext::builder().with_trust_store(store).build();
        context.expect("certificates alone are no reason to refuse it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_region(region: &str, more: &[(&str, &str)]) -> Trust {
        let region = [("AWS_REGION", region)];
        let variables = region.iter().chain(more);
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Trust::of(&Environment::from_iter(variables))
    }

    #[test]
    fn amazon_alone_is_believed_about_what_is_its_own() {
        for region in ["ap-northeast-1", "us-east-1", "eu-west-3"] {
            assert_eq!(in_region(region, &[]), Trust::Amazon);
            for named in SAYS_OTHERWISE {
                assert_eq!(in_region(region, &[(named, "x")]), Trust::Machine);
            }
        }
        for region in [
            "cn-north-1",
            "us-gov-west-1",
            "us-isob-east-1",
            "eusc-de-east-1",
        ] {
            assert_eq!(in_region(region, &[]), Trust::Machine);
        }
    }

    #[test]
    fn each_root_can_be_read() {
        assert_eq!(AMAZON_ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
        // It panics about a certificate that it cannot read.
        crate::aws::connector_trusting(Trust::Amazon, Default::default());
    }
}
