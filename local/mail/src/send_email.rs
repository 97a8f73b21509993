//! SES v2's `SendEmail`: its request, and what it refuses
//! (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>).

use std::collections::BTreeMap;

use base64::Engine;
use jiff::Timestamp;
use serde::Deserialize;

use crate::message::Message;
use crate::refusal::Refusal;
use crate::{address, raw};

/// To, copies and blind copies together (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
const MAXIMUM_RECIPIENTS: usize = 50;
/// A tag's name and value, from the same API page.
const MAXIMUM_TAG_CHARACTERS: usize = 256;

// What these shapes do not name is refused with the field's name: nothing that SES would act upon is ignored here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
    configuration_set_name: Option<String>,
    feedback_forwarding_email_address: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
    #[serde(default)]
    cc_addresses: Vec<String>,
    #[serde(default)]
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Option<Simple>,
    raw: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

/// JSON is UTF-8, so the charset only tells how SES would encode the mail.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Text {
    data: String,
    #[serde(rename = "Charset")]
    _charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    name: String,
    value: String,
}

/// An accepted mail with the bare addresses of all who get it.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub message: Message,
    pub recipients: Vec<String>,
}

pub(crate) fn parse(body: &[u8]) -> Result<SendEmail, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("Invalid request body: {error}")))
}

impl SendEmail {
    /// Checks the request and makes the mail of it.
    pub fn accept(self, message_id: String, sent_at: Timestamp) -> Result<Accepted, Refusal> {
        let tags = read_tags(self.email_tags)?;
        if let Some(forward_to) = &self.feedback_forwarding_email_address {
            bare(forward_to)?;
        }
        let mut message = Message {
            message_id,
            sent_at,
            from: self.from_email_address.unwrap_or_default(),
            to: self.destination.to_addresses,
            cc: self.destination.cc_addresses,
            bcc: self.destination.bcc_addresses,
            reply_to: self.reply_to_addresses,
            subject: String::new(),
            text: None,
            html: None,
            attachments: Vec::new(),
            tags,
            configuration_set: self.configuration_set_name,
        };
        match (self.content.simple, self.content.raw) {
            (Some(simple), None) => fill_simple(&mut message, simple)?,
            (None, Some(raw)) => fill_raw(&mut message, &raw)?,
            (Some(_), Some(_)) | (None, None) => {
                return Err(Refusal::bad_request(
                    "Content must hold exactly one of Simple and Raw.",
                ));
            }
        }
        if message.from.is_empty() {
            return Err(Refusal::bad_request("FromEmailAddress is missing."));
        }
        bare(&message.from)?;
        for reply_to in &message.reply_to {
            bare(reply_to)?;
        }
        let recipients = message
            .to
            .iter()
            .chain(&message.cc)
            .chain(&message.bcc)
            .map(|text| bare(text))
            .collect::<Result<Vec<_>, Refusal>>()?;
        if recipients.is_empty() {
            return Err(Refusal::rejected("There are no recipients."));
        }
        if recipients.len() > MAXIMUM_RECIPIENTS {
            return Err(Refusal::rejected(format!(
                "Recipient count exceeds {MAXIMUM_RECIPIENTS}."
            )));
        }
        Ok(Accepted {
            message,
            recipients,
        })
    }
}

fn bare(text: &str) -> Result<String, Refusal> {
    // The address itself is left out: errors end up in logs.
    address::parse(text).map_err(Refusal::bad_request)
}

fn read_tags(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut read = BTreeMap::new();
    for Tag { name, value } in tags {
        for (what, text) in [("name", &name), ("value", &value)] {
            let allowed = |byte: u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@')
            };
            if text.is_empty() || text.len() > MAXIMUM_TAG_CHARACTERS || !text.bytes().all(allowed)
            {
                return Err(Refusal::bad_request(format!(
                    "Invalid tag {what} <{text}>: only alphanumeric ASCII characters, '_', '-', '.' and '@' are allowed, at \
                     most {MAXIMUM_TAG_CHARACTERS}."
                )));
            }
        }
        if read.contains_key(&name) {
            return Err(Refusal::bad_request(format!(
                "Duplicate tag name <{name}>."
            )));
        }
        read.insert(name, value);
    }
    Ok(read)
}

fn fill_simple(message: &mut Message, simple: Simple) -> Result<(), Refusal> {
    if simple.subject.data.contains(['\r', '\n']) {
        return Err(Refusal::bad_request("Header value contains a line break."));
    }
    for header in &simple.headers {
        if header.name.contains(['\r', '\n', ':']) || header.value.contains(['\r', '\n']) {
            return Err(Refusal::bad_request("Header value contains a line break."));
        }
    }
    if simple.body.text.is_none() && simple.body.html.is_none() {
        return Err(Refusal::bad_request("Body must hold Text or Html."));
    }
    message.subject = simple.subject.data;
    message.text = simple.body.text.map(|text| text.data);
    message.html = simple.body.html.map(|html| html.data);
    Ok(())
}

fn fill_raw(message: &mut Message, raw: &Raw) -> Result<(), Refusal> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(&raw.data)
        .map_err(|_| Refusal::bad_request("Content.Raw.Data is not base64."))?;
    let mail = raw::parse(&bytes)
        .ok_or_else(|| Refusal::bad_request("Content.Raw.Data is not a MIME message."))?;
    // The request's own addresses come before the mail's headers.
    if message.from.is_empty() {
        message.from = mail.from.unwrap_or_default();
    }
    if message.to.is_empty() && message.cc.is_empty() && message.bcc.is_empty() {
        message.to = mail.to;
        message.cc = mail.cc;
        message.bcc = mail.bcc;
    }
    if message.reply_to.is_empty() {
        message.reply_to = mail.reply_to;
    }
    message.subject = mail.subject;
    message.text = mail.text;
    message.html = mail.html;
    message.attachments = mail.attachments;
    Ok(())
}
