//! Functions that die between their commit and their publish: a publish is held up, and the process that waits for it is
//! killed right there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use local_messaging::PublishVerdict;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::Shop;

/// Kills a function's process at the next publish it wants to make to its topic.
pub struct Assassin {
    /// ARNs of the topics whose next publish is held up.
    targets: Arc<Mutex<BTreeSet<String>>>,
    held_up: UnboundedReceiver<String>,
}

impl Shop {
    /// A publish to a targeted topic is never answered, and nothing of it is published.
    pub fn assassin(&self) -> Assassin {
        let targets: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (says, held_up) = unbounded_channel();
        let known = Arc::clone(&targets);
        self.stack.messaging().on_publish(Box::new(move |attempt| {
            if !known.lock().unwrap().remove(attempt.topic_arn) {
                return PublishVerdict::Proceed;
            }
            drop(says.send(attempt.topic_arn.to_owned()));
            PublishVerdict::Hang
        }));
        Assassin { targets, held_up }
    }

    /// Holds up the next publish of a context.
    pub fn target(&self, assassin: &Assassin, context: &str) {
        assassin
            .targets
            .lock()
            .unwrap()
            .insert(self.topic_arn(context));
    }

    /// Waits until a targeted publish is held up, and kills its process.
    pub async fn kill(&self, assassin: &mut Assassin, context: &str) {
        let arn = tokio::time::timeout(super::PATIENCE, assassin.held_up.recv()).await;
        let arn = arn
            .unwrap_or_else(|_| panic!("{context} published nothing"))
            .unwrap();
        assert_eq!(arn, self.topic_arn(context));
        let ids = self.stack.function_process_ids(context);
        let [process_id] = ids.as_slice() else {
            panic!("{context} has these processes: {ids:?}");
        };
        let kill = std::process::Command::new("kill")
            .args(["-9", &process_id.to_string()])
            .status();
        assert!(kill.unwrap().success());
        let before = *process_id;
        super::until("another process has taken its place", || async {
            self.stack
                .function_process_ids(context)
                .first()
                .is_some_and(|now| *now != before)
        })
        .await;
    }

    /// Each context's next publishes fail as the list says; then all is well again.
    pub fn trouble_publishing(&self, verdicts: Vec<PublishVerdict>) {
        let left: Mutex<BTreeMap<String, Vec<PublishVerdict>>> = Mutex::default();
        self.stack.messaging().on_publish(Box::new(move |attempt| {
            let mut left = left.lock().unwrap();
            let of_topic = left.entry(attempt.topic_arn.to_owned()).or_insert_with(|| {
                let mut verdicts = verdicts.clone();
                verdicts.reverse();
                verdicts
            });
            of_topic.pop().unwrap_or(PublishVerdict::Proceed)
        }));
    }

    fn topic_arn(&self, context: &str) -> String {
        let topics = &self.stack.template().topics;
        let name = format!("{context}topic");
        let found = topics
            .iter()
            .find(|topic| topic.logical_id.to_lowercase() == name);
        found
            .unwrap_or_else(|| panic!("{context} has no topic"))
            .arn
            .clone()
    }
}
