//! How a command ends: its exit code, and what it says on standard error where it could not do what was asked.

use std::process::ExitCode;

use noren::StartError;
use sam_template::TemplateError;

/// Arguments that clap cannot judge, because what they name is known only later, are wrong all the same.
const MISUSED: u8 = 2;
/// What was asked could be neither found out nor done: the stack cannot be reached, a file cannot be read.
const FAILED: u8 = 3;

/// The arguments are to blame, or the environment's variables that stand for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub(crate) String);

/// The exit code of a command: its own (0 where all is well, 1 where what was looked for is not there or not well), else 2
/// where the arguments are wrong, as clap has it, and 3 where something failed.
pub(crate) fn ended(program: &str, result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("{program}: {}", in_words(&error));
        match error.chain().any(is_misuse) {
            true => ExitCode::from(MISUSED),
            false => ExitCode::from(FAILED),
        }
    })
}

/// A parameter that the template does not know, or whose value it does not allow, was given as an argument.
fn is_misuse(cause: &(dyn std::error::Error + 'static)) -> bool {
    let parameter = |error: &TemplateError| matches!(error, TemplateError::Parameter { .. });
    let template = match cause.downcast_ref() {
        // It says what its cause says, and so is not among its own causes.
        Some(StartError::Unsupported(template)) => Some(template),
        Some(_) | None => cause.downcast_ref(),
    };
    cause.is::<Misuse>() || template.is_some_and(parameter)
}

/// An error with its causes, each said once: many of ours repeat in their own words what the system said.
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |said, cause| {
            match (said.is_empty(), said.contains(&cause)) {
                (true, _) => cause,
                (false, true) => said,
                (false, false) => format!("{said}: {cause}"),
            }
        })
}
