//! The Python consumer as a child process: a Python that has what it needs, what it says line by line, its queue.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::flow::Shop;
use crate::flow::wire::Said;

/// The longest that is waited for a line. Far beyond what it takes, for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);
const QUEUE: &str = "daybook";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/consuming-events")
}

/// A Python with the packages that the consumer needs, in just the versions that it pins.
pub struct Python(PathBuf);

impl Python {
    /// The `python3` at hand where it has them; else one in an environment of its own, which pip fills.
    ///
    /// # Panics
    /// Where there is no Python, or pip cannot install the packages.
    pub fn find() -> Self {
        let at_hand = Self("python3".into());
        if at_hand.has_the_packages() {
            return at_hand;
        }
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consuming-events");
        let own = Self(environment.join("bin/python3"));
        if !own.has_the_packages() {
            run(Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment));
            let requirements = folder().join("requirements.txt");
            let mut pip = Command::new(&own.0);
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ]);
            run(pip.arg(requirements));
        }
        own
    }

    fn has_the_packages(&self) -> bool {
        let requirements = std::fs::read_to_string(folder().join("requirements.txt")).unwrap();
        requirements.lines().all(|line| {
            let (package, version) = line.split_once("==").unwrap();
            let program = format!(
                "import importlib.metadata as m; assert m.version('{package}') == '{version}'"
            );
            let mut python = Command::new(&self.0);
            let python = python.args(["-c", &program]).stderr(Stdio::null());
            python.status().is_ok_and(|status| status.success())
        })
    }
}

fn run(command: &mut Command) {
    let needs = "this test runs docs/consuming-events, which needs python3 (3.9 or newer, with venv and pip) and the \
                 packages of its requirements.txt";
    match command.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{needs}; {command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("{needs}; {command:?} did not start: {error}"),
    }
}

/// The running consumer.
pub struct Consumer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Consumer {
    /// Starts it with its book in that folder, and waits until it listens.
    pub async fn start(python: &Python, shop: &Shop, book: &Path) -> Self {
        let endpoint = shop.stack.addresses().aws.as_str();
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        let mut command = Command::new(&python.0);
        command
            .arg("-B")
            .arg(folder().join("consumer.py"))
            .args(["--endpoint", endpoint, "--region", "ap-northeast-1"])
            .args(["--stack", "noren", "--queue", QUEUE, "--book"])
            .arg(book.join("daybook.sqlite"))
            .envs(variables)
            .stdout(Stdio::piped());
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = door::sdk_config(&variables.into_iter().collect()).unwrap();
        let mut consumer = Self {
            child,
            lines,
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        };
        consumer.says("listening").await;
        consumer
    }

    /// Its next line, whatever it is.
    pub async fn says_something(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("the consumer says something").unwrap();
        let line = line.expect("the consumer has not ended");
        serde_json::from_str(&line).unwrap()
    }

    /// Its next line, which must be about that.
    pub async fn says(&mut self, what: &str) -> Value {
        let said = self.says_something().await;
        assert_eq!(said["what"], what, "{said}");
        said
    }

    /// Tells it to stop, and gives its last line.
    pub async fn end(&mut self) -> Value {
        let process_id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-TERM", &process_id]).status();
        assert!(sent.unwrap().success());
        let last = self.says("ended").await;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(status.unwrap().unwrap().success());
        last
    }

    /// Publishes an event once more, to its own topic.
    pub async fn publish_again(&self, shop: &Shop, said: &Said) {
        let context = said.event_type.split('.').next().unwrap();
        let topics = &shop.stack.template().topics;
        let name = format!("{context}topic");
        let topic = topics
            .iter()
            .find(|topic| topic.logical_id.to_lowercase() == name);
        let attribute = aws_sdk_sns::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(&said.event_type)
            .build();
        let publish = self.sns.publish().topic_arn(&topic.unwrap().arn);
        let publish = publish
            .message(&said.text)
            .message_attributes("type", attribute.unwrap());
        publish.send().await.unwrap();
    }

    /// Puts a text straight into its queue.
    pub async fn send(&self, text: &str) {
        let url = self
            .sqs
            .get_queue_url()
            .queue_name(QUEUE)
            .send()
            .await
            .unwrap();
        let send = self.sqs.send_message().queue_url(url.queue_url.unwrap());
        send.message_body(text).send().await.unwrap();
    }

    /// The reasons of its dead letters.
    pub fn dead_letters(&self, shop: &Shop) -> Vec<String> {
        let letters = peek(shop, &format!("{QUEUE}-dead-letters"));
        let reasons = letters
            .iter()
            .map(|letter| letter.message_attributes["reason"].text().to_owned());
        reasons.collect()
    }

    /// Messages that it has not acknowledged.
    pub fn waiting(&self, shop: &Shop) -> usize {
        peek(shop, QUEUE).len()
    }
}

fn peek(shop: &Shop, name: &str) -> Vec<local_messaging::ReceivedMessage> {
    let messaging = shop.stack.messaging();
    let queues = messaging.all_queues();
    let queue = queues
        .iter()
        .find(|queue| queue.arn.ends_with(&format!(":{name}")));
    messaging.peek(&queue.unwrap().arn, usize::MAX).unwrap()
}
