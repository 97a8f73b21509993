//! Names, ARNs and URLs of queues and topics, and who owns them.

use crate::rejection::Rejection;

/// Account, region and address under which the service presents itself.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub region: String,
    pub account_id: String,
    pub endpoint_url: String,
}

impl Identity {
    pub fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account_id)
    }

    pub fn topic_arn(&self, name: &str) -> String {
        format!("arn:aws:sns:{}:{}:{name}", self.region, self.account_id)
    }

    pub fn queue_url(&self, name: &str) -> String {
        format!(
            "{}/{}/{name}",
            self.endpoint_url.trim_end_matches('/'),
            self.account_id
        )
    }

    /// The queue's name, if the ARN is that of a queue in this account and region.
    pub fn queue_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        self.name_in(arn, "sqs")
    }

    /// The topic's name, if the ARN is that of a topic (or of a subscription to one) in this account and region.
    pub fn topic_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        self.name_in(arn, "sns")
            .map(|rest| rest.split(':').next().unwrap_or(rest))
    }

    fn name_in<'a>(&self, arn: &'a str, service: &str) -> Option<&'a str> {
        arn.strip_prefix("arn:aws:")?
            .strip_prefix(service)?
            .strip_prefix(':')?
            .strip_prefix(self.region.as_str())?
            .strip_prefix(':')?
            .strip_prefix(self.account_id.as_str())?
            .strip_prefix(':')
    }
}

/// The last segment of a queue's URL. Only the name counts: a client may reach us by another host name than we know.
pub(crate) fn queue_name_in_url(url: &str) -> &str {
    url.trim_end_matches('/').rsplit('/').next().unwrap_or(url)
}

/// SQS: up to 80 letters, digits, hyphens and underscores. FIFO names are refused, as this service has standard queues only.
pub(crate) fn check_queue_name(name: &str) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::missing("QueueName"));
    }
    if name.ends_with(".fifo") {
        return Err(Rejection::unsupported_operation(format!(
            "{name} names a FIFO queue; only standard queues are supported here."
        )));
    }
    if name.len() > 80 || !is_plain(name) {
        return Err(Rejection::invalid_parameter_value(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    Ok(())
}

/// SNS: up to 256 letters, digits, hyphens and underscores. FIFO names are refused, as for queues.
pub(crate) fn check_topic_name(name: &str) -> Result<(), Rejection> {
    if name.ends_with(".fifo") {
        return Err(Rejection::sns_parameter(
            "Topic Name",
            format!("{name} names a FIFO topic; only standard topics are supported here"),
        ));
    }
    if name.is_empty() || name.len() > 256 || !is_plain(name) {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: Topic Name",
        ));
    }
    Ok(())
}

/// A batch entry's id: 1 to 80 letters, digits, hyphens and underscores.
pub(crate) fn is_batch_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 80 && is_plain(id)
}

fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
