//! The commands `failed`: what lies in the queues of messages that failed for good, and what an operator does about it.
//!
//! Three kinds of queue, by how their names end: `DeadLetters`, what a function gave up (by itself, with the reason, or by
//! failing too often); `Undelivered`, what a topic could not hand to a queue; `StreamFailures`, where in a table's stream
//! a commit stands that could not be published. A look hides messages for a moment and shows them again at its end.

mod choice;
mod give_up;
mod queue;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use dead_letters::{Bounds, Letter, Look, among, send_again};

use crate::deployment::{Deployment, block_on};
use crate::which_stack::Where;
use choice::{Unseen, Which, one_of};

#[derive(Subcommand)]
pub(crate) enum Command {
    List(List),
    Show(Show),
    Redrive(Redrive),
    Drop(GiveUp),
}

/// Lists messages that failed for good: which, why, since when, how often they were received.
///
/// On AWS each look counts as one more receive, and a look may miss messages that another look holds.
#[derive(Args)]
#[command(after_help = "Examples:
  noren failed list
  noren failed list --queue PaymentsDeadLetters --json | jq -r '.[].reason'
  noren failed list --stack noren --region ap-northeast-1

Exit code: 0 if there are none, 1 if there are some, 2 if there is no such queue, 3 if the stack cannot be asked.")]
pub(crate) struct List {
    #[command(flatten)]
    from: Among,
    /// One JSON array on stdout.
    #[arg(long)]
    json: bool,
}

/// Shows one message whole, with its body.
#[derive(Args)]
#[command(after_help = "Example:
  noren failed show 5f1c9a02   # as much of the id's beginning as no other has

Exit code: 0 if it is there, 1 if not, 2 if several ids begin so, 3 if the stack cannot be asked.")]
pub(crate) struct Show {
    /// The message's id, or its beginning.
    id: String,
    #[command(flatten)]
    from: Among,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Sends messages again to the queue that they failed in, and takes them out of where they lie.
///
/// Each is sent first and deleted then: cut short in between, it is there twice, which every consumer bears. A place in
/// a stream cannot be sent again; what to do instead is said.
#[derive(Args)]
#[command(after_help = "Examples:
  noren failed redrive 5f1c9a02 77ab310e
  noren failed redrive --queue OrdersDeadLetters --all
  noren failed redrive --all --type payments.PaymentAuthorized.v1

Exit code: 0 if all that were meant were sent, 1 if not, 2 if it is not clear which are meant, 3 if the stack cannot be
asked.")]
pub(crate) struct Redrive {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    from: Among,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Gives messages up for good, with a reason, and records each whole before it is deleted.
///
/// The record is a file of JSON lines to which is only ever added: who dropped what, when, why, with the message's body
/// and attributes, synced to disk before the message is deleted. From a line the message can be sent again by hand.
#[derive(Args)]
#[command(after_help = "Example:
  noren failed drop 5f1c9a02 --reason 'a test of the supplier, never an order'

Exit code: 0 if all that were meant were dropped, 1 if not, 2 if it is not clear which are meant, 3 if the stack cannot be
asked.")]
pub(crate) struct GiveUp {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    from: Among,
    /// Why nobody will miss it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The record.
    #[arg(
        long,
        value_name = "FILE",
        env = "NOREN_DROPPED",
        default_value = "noren-dropped.jsonl"
    )]
    record: PathBuf,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Where messages are looked for.
#[derive(Args)]
struct Among {
    #[command(flatten)]
    at: Where,
    /// Only in this queue, by its name in the template.
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
}

/// Runs the command. That a message is not to be seen is an answer, not a failure.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    let ended = match command {
        Command::List(list) => block_on(list.run()),
        Command::Show(show) => block_on(show.run()),
        Command::Redrive(redrive) => block_on(redrive.run()),
        Command::Drop(give_up) => block_on(give_up.run()),
    };
    match ended {
        Err(error) if error.is::<Unseen>() => {
            eprintln!("noren failed: {error}");
            Ok(ExitCode::FAILURE)
        }
        ended => ended,
    }
}

impl Among {
    async fn look(&self) -> anyhow::Result<(Deployment, Look)> {
        let deployment = Deployment::reach(&self.at).await?;
        let queues = queue::failed(&deployment, self.queue.as_deref()).await?;
        let look = Look::at(deployment.sqs.clone(), &queues, Bounds::NONE).await?;
        Ok((deployment, look))
    }
}

impl List {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (_, look) = self.from.look().await?;
        let letters = look.end().await;
        match self.json {
            true => println!("{}", serde_json::to_string(&letters)?),
            false => print!("{}", words::list(&letters)),
        }
        Ok(match letters.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (_, look) = self.from.look().await?;
        let letters = look.end().await;
        let letter = &letters[one_of(&letters, &self.id)?];
        match self.json {
            true => println!("{}", serde_json::to_string(letter)?),
            false => print!("{}", words::whole(letter)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Redrive {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (deployment, look) = self.from.look().await?;
        let chosen = match self.which.choose(look.letters().to_vec()) {
            Ok(chosen) => chosen,
            Err(error) => {
                look.end().await;
                return Err(error);
            }
        };
        let done = redrive(&deployment, &chosen).await;
        look.end_all_but(&done.ids).await;
        done.report(self.json, "sent again")
    }
}

impl GiveUp {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (deployment, look) = self.from.look().await?;
        let chosen = match self.which.choose(look.letters().to_vec()) {
            Ok(chosen) => chosen,
            Err(error) => {
                look.end().await;
                return Err(error);
            }
        };
        let done = give_up::give_up(&deployment, &chosen, &self.reason, &self.record).await;
        look.end_all_but(&done.ids).await;
        done.report(self.json, "dropped")
    }
}

/// Sends the letters again, each to its source queue.
async fn redrive(deployment: &Deployment, letters: &[Letter]) -> Done {
    let mut done = Done {
        ids: Vec::new(),
        left: Vec::new(),
    };
    for letter in letters {
        match send_again(&deployment.sqs, letter).await {
            Ok(()) => done.ids.push(letter.id.clone()),
            Err(why) => done.left.push((letter.id.clone(), why)),
        }
    }
    done
}

/// What came of an act on several messages.
struct Done {
    ids: Vec<String>,
    /// The messages left where they are, each with why.
    left: Vec<(String, String)>,
}

impl Done {
    fn report(self, json: bool, done: &str) -> anyhow::Result<ExitCode> {
        if json {
            let left = self
                .left
                .iter()
                .map(|(id, why)| serde_json::json!({ "id": id, "why": why }));
            let left: Vec<serde_json::Value> = left.collect();
            println!("{}", serde_json::json!({ "done": self.ids, "left": left }));
        } else {
            println!("{} {done}", counted(self.ids.len()));
            for (id, why) in &self.left {
                eprintln!("left {id}: {why}");
            }
        }
        Ok(match self.left.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    }
}

/// The queues in which failed messages lie, among all of a stack.
pub(crate) fn queues_of_failures(all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let found = among(all).map(|queue| (queue.logical_id, queue.url));
    found.collect()
}
