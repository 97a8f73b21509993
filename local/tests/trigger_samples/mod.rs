//! Whether the sample payloads in `events/` are those of the functions' triggers.

use std::path::Path;

use sam_template::{EventSource, Template};
use serde_json::Value;

/// The triggers that have no sample, and the samples of a trigger that the template does not give its function, in words.
/// An operator may invoke each function with a wish, of which there may be a sample as well.
pub fn amiss(template: &Template, root: &Path) -> Vec<String> {
    let mut amiss = Vec::new();
    for function in &template.functions {
        let folder = root.join("events").join(&function.binary);
        let files = std::fs::read_dir(&folder).into_iter().flatten();
        let samples = files.map(|file| {
            let path = file.unwrap().path();
            let sample = serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap()).unwrap();
            (path, sample)
        });
        let samples: Vec<_> = samples.collect();
        for source in &function.event_sources {
            if !samples.iter().any(|(_, sample)| is_of(sample, source)) {
                amiss.push(format!("{} has no sample of {source:?}", folder.display()));
            }
        }
        for (path, sample) in &samples {
            let mut sources = function.event_sources.iter();
            if sample.get("publish_again").is_none() && !sources.any(|one| is_of(sample, one)) {
                amiss.push(format!(
                    "{} is of a trigger that {} does not have",
                    path.display(),
                    function.logical_id
                ));
            }
        }
    }
    amiss
}

fn is_of(sample: &Value, source: &EventSource) -> bool {
    match source {
        EventSource::Http { .. } => sample.pointer("/requestContext/http").is_some(),
        EventSource::Queue { .. } => brings(sample, "aws:sqs"),
        EventSource::Stream { .. } => brings(sample, "aws:dynamodb"),
        EventSource::Schedule { input, .. } => {
            let input = input.as_deref().map(serde_json::from_str::<Value>);
            input.is_none_or(|input| input.unwrap() == *sample)
        }
    }
}

fn brings(sample: &Value, source: &str) -> bool {
    let first = sample.pointer("/Records/0/eventSource");
    first.and_then(Value::as_str) == Some(source)
}
