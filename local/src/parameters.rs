//! Values of the template's parameters on this machine, where the caller gives none.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::address::Addresses;

/// What the stand-in and the payments function sign and verify webhooks with.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_noren_local";

/// What guests' tokens are made with.
pub(crate) const GUEST_SECRET: &str = "noren-local-guest-secret";

/// The stand-in takes any test key.
pub(crate) const PROVIDER_KEY: &str = "sk_test_noren_local";

#[derive(Deserialize)]
struct Sections {
    #[serde(rename = "Parameters", default)]
    parameters: BTreeMap<String, IgnoredAny>,
}

/// The overrides for a template's text: the local values of those parameters that it declares, and the caller's, which
/// win. A text that is no YAML gets none: reading the template says what is wrong with it.
pub(crate) fn overrides(
    template: &str,
    addresses: &Addresses,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let declared = serde_yaml_ng::from_str::<Sections>(template)
        .map(|sections| sections.parameters)
        .unwrap_or_default();
    let local = [
        ("TokenIssuer", addresses.identity.clone()),
        ("TokenAudience", local_identity::CLIENT_ID.to_owned()),
        ("ShopUrl", addresses.http_api.clone()),
        // The gateway serves the pages itself, from their build.
        ("Pages", "off".to_owned()),
        ("PaymentProviderUrl", addresses.payments.clone()),
        // Who sits before it does not want to wait for a fuller batch.
        ("InsightsBatchingWindowSeconds", "1".to_owned()),
        // Nothing measures a laptop: the topic that alarms are told to would be one that nobody ever publishes to.
        ("Alarms", "off".to_owned()),
        ("Dashboard", "off".to_owned()),
        ("Metrics", "off".to_owned()),
    ];
    let mut overrides: BTreeMap<String, String> = local
        .into_iter()
        .filter(|(name, _)| declared.contains_key(*name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    overrides.extend(given.clone());
    overrides
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Ports;

    #[test]
    fn only_declared_parameters_get_a_local_value_and_the_callers_win() {
        let addresses = Addresses::of_ports(Ports {
            payments: 3,
            ..Ports::FREE
        });
        let given = BTreeMap::from([("ShopUrl".to_owned(), "http://mine".to_owned())]);
        let template = "Parameters:\n  ShopUrl: { Type: String }\n  PaymentProviderUrl: { Type: String }\nX: !Ref Y\n";
        let overrides = overrides(template, &addresses, &given);
        let expected = [
            ("PaymentProviderUrl", "http://127.0.0.1:3"),
            ("ShopUrl", "http://mine"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(overrides, BTreeMap::from(expected));
    }
}
