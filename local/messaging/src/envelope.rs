//! The JSON document in which SNS wraps a message for subscribers without raw delivery.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::message::MessageAttributes;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    r#type: &'static str,
    message_id: &'a str,
    topic_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    message: &'a str,
    timestamp: String,
    signature_version: &'static str,
    signature: &'static str,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute<'a> {
    r#type: &'a str,
    value: &'a str,
}

/// What a message is wrapped with.
pub(crate) struct Notification<'a> {
    pub message_id: &'a str,
    pub topic_arn: &'a str,
    pub subscription_arn: &'a str,
    pub subject: Option<&'a str>,
    pub message: &'a str,
    pub attributes: &'a MessageAttributes,
    pub sent: jiff::Timestamp,
    pub endpoint_url: &'a str,
}

impl Notification<'_> {
    /// The document. It is not signed, as nothing here checks signatures: the signature says so.
    pub fn wrapped(&self) -> String {
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            (
                name.as_str(),
                Attribute {
                    r#type: &attribute.data_type,
                    value: attribute.text(),
                },
            )
        });
        let endpoint = self.endpoint_url.trim_end_matches('/');
        let envelope = Envelope {
            r#type: "Notification",
            message_id: self.message_id,
            topic_arn: self.topic_arn,
            subject: self.subject,
            message: self.message,
            timestamp: format!("{:.3}", self.sent),
            signature_version: "1",
            signature: "bm90IHNpZ25lZA==",
            signing_cert_url: format!("{endpoint}/not-signed.pem"),
            unsubscribe_url: format!(
                "{endpoint}/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn={}",
                self.subscription_arn
            ),
            message_attributes: attributes.collect(),
        };
        serde_json::to_string(&envelope).expect("text and maps of text are always JSON")
    }
}
