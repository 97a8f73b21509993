//! Mail through Amazon SES, API version 2.

use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageTag};

use crate::Config;
use crate::mail::{Mail, MailFailure, Mailer};

/// Sends through SES.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// Sends from the address of the settings.
    ///
    /// `SendEmail` has no idempotency token, and a call that timed out may have sent the mail: the SDK must not
    /// repeat one by itself. The claim's lease does so, slowly, where it must.
    pub fn new(aws: &SdkConfig, config: &Config) -> Self {
        let ses = aws_sdk_sesv2::config::Builder::from(aws)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(ses),
            from: config.mail_from.clone(),
        }
    }
}

impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        let request = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(
                Destination::builder()
                    .to_addresses(mail.to.reveal())
                    .build(),
            )
            .content(content(mail).map_err(|error| unbuildable(&error))?)
            .email_tags(
                tag("kind", mail.notice.kind.as_str()).map_err(|error| unbuildable(&error))?,
            )
            .email_tags(
                tag("number", mail.notice.number.to_string())
                    .map_err(|error| unbuildable(&error))?,
            );
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(failure_of(&error)),
        }
    }
}

fn content(mail: &Mail) -> Result<EmailContent, BuildError> {
    let body = Body::builder()
        .text(text(&mail.text)?)
        .html(text(&mail.html)?)
        .build();
    let message = Message::builder()
        .subject(text(&mail.subject)?)
        .body(body)
        .build();
    Ok(EmailContent::builder().simple(message).build())
}

fn text(data: &str) -> Result<Content, BuildError> {
    Content::builder().data(data).charset("UTF-8").build()
}

fn tag(name: &str, value: impl Into<String>) -> Result<MessageTag, BuildError> {
    MessageTag::builder().name(name).value(value).build()
}

/// The SDK misses a field that SES demands; nothing was sent.
fn unbuildable(error: &BuildError) -> MailFailure {
    MailFailure::Refused {
        code: error.to_string(),
    }
}

/// What is kept of an error: its code. SES's message may name the recipient.
fn failure_of<R>(error: &SdkError<SendEmailError, R>) -> MailFailure {
    let failed = |code: &str| MailFailure::Failed {
        code: code.to_owned(),
    };
    match error {
        SdkError::ServiceError(context) => {
            let error = context.err();
            let code = error.code().unwrap_or("no code").to_owned();
            if error.is_message_rejected() || error.is_bad_request_exception() {
                MailFailure::Refused { code }
            } else {
                MailFailure::Failed { code }
            }
        }
        SdkError::TimeoutError(_) => failed("timed out"),
        SdkError::DispatchFailure(_) => failed("not reached"),
        SdkError::ResponseError(_) => failed("unreadable answer"),
        SdkError::ConstructionFailure(_) => failed("request could not be built"),
        _ => failed("unknown"),
    }
}
