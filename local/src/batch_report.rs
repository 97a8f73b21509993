//! What a function says of a batch, under `ReportBatchItemFailures`.
//!
//! Nothing, null or an empty list mean that all succeeded; an answer that is no JSON, or an item that is empty or not
//! of this batch, mean that all failed
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    batch_item_failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    item_identifier: Option<String>,
}

/// The outcome of a batch, with failed items by their places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BatchReport {
    /// Every item succeeded.
    Succeeded,
    /// These failed, in ascending order; there is at least one.
    Partly(Vec<usize>),
    /// Every item counts as failed, for this reason.
    Senseless(String),
}

impl BatchReport {
    /// Reads an answer about the items with these identifiers, in the batch's order.
    pub(crate) fn read<'a>(
        answer: &[u8],
        identifiers: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        if answer.trim_ascii().is_empty() {
            return Self::Succeeded;
        }
        let answer: Option<Answer> = match serde_json::from_slice(answer) {
            Ok(answer) => answer,
            Err(error) => return Self::Senseless(format!("the answer is no report: {error}")),
        };
        let failures = answer.and_then(|answer| answer.batch_item_failures);
        let failures = failures.unwrap_or_default();
        let mut places = Vec::with_capacity(failures.len());
        for failure in failures {
            let identifier = failure.item_identifier.unwrap_or_default();
            match identifiers.clone().position(|known| known == identifier) {
                Some(place) => places.push(place),
                None => {
                    return Self::Senseless(format!(
                        "the reported item {identifier:?} is not of this batch"
                    ));
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        match places.is_empty() {
            true => Self::Succeeded,
            false => Self::Partly(places),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> BatchReport {
        BatchReport::read(answer.as_bytes(), ["a", "b", "c"].into_iter())
    }

    #[test]
    fn silence_is_success() {
        for answer in [
            "",
            " ",
            "null",
            "{}",
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[]}"#,
        ] {
            assert_eq!(read(answer), BatchReport::Succeeded, "{answer}");
        }
    }

    #[test]
    fn failures_are_places_in_order() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#;
        assert_eq!(read(answer), BatchReport::Partly(vec![0, 2]));
    }

    #[test]
    fn nonsense_fails_the_whole_batch() {
        for answer in [
            "no",
            r#""text""#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"d"}]}"#,
        ] {
            assert!(
                matches!(read(answer), BatchReport::Senseless(_)),
                "{answer}"
            );
        }
    }
}
