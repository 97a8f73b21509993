//! Starting the functions, whichever way the options say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sam_template::{Function, Template};

use super::part::Part;
use crate::activity::Activity;
use crate::counts::Tally;
use crate::invoke::{InProcess, Invoker, Lambda, Slowness};
use crate::options::{Functions, StackOptions};
use crate::start_error::StartError;
use crate::{contexts, environment, isolated};

/// Looks for every function before anything is made or run, so that a missing one costs nothing.
pub(super) fn check_functions(
    options: &StackOptions,
    template: &Template,
    contexts: &BTreeMap<&'static str, contexts::Start>,
) -> Result<(), StartError> {
    let own = template.functions.iter();
    for function in own.filter(|function| !options.replaced.contains_key(&function.binary)) {
        match &options.functions {
            Functions::InProcess => drop(context(contexts, function)?),
            Functions::Isolated(isolation) => drop(find(function, &isolation.directories)?),
        }
    }
    Ok(())
}

fn context<'a>(
    contexts: &'a BTreeMap<&'static str, contexts::Start>,
    function: &Function,
) -> Result<&'a contexts::Start, StartError> {
    contexts
        .get(function.binary.as_str())
        .ok_or_else(|| StartError::NoContext {
            logical_id: function.logical_id.clone(),
            binary: function.binary.clone(),
        })
}

/// What functions are started with.
pub(super) struct Launch<'a> {
    pub(super) options: &'a StackOptions,
    pub(super) endpoint_url: &'a str,
    pub(super) activity: Arc<Activity>,
    pub(super) tallies: &'a BTreeMap<String, Arc<Tally>>,
    pub(super) back: &'a Part,
    pub(super) contexts: &'a BTreeMap<&'static str, contexts::Start>,
}

impl Launch<'_> {
    pub(super) async fn start(&self, function: &Function) -> Result<Lambda, StartError> {
        let options = self.options;
        let environment = environment::of(function, &options.region, self.endpoint_url);
        let invoker: Arc<dyn Invoker> = match options.replaced.get(&function.binary) {
            Some(given) => Arc::clone(given),
            None => match &options.functions {
                Functions::InProcess => {
                    let start = context(self.contexts, function)?;
                    let started = start(environment.into_iter().collect()).await;
                    let started = started.map_err(|source| StartError::Function {
                        logical_id: function.logical_id.clone(),
                        source,
                    })?;
                    Arc::new(InProcess::from(started))
                }
                Functions::Isolated(isolation) => {
                    let program = isolated::Program {
                        name: function.binary.clone(),
                        path: find(function, &isolation.directories)?,
                        environment,
                        arn: function.arn.clone(),
                    };
                    let started = isolated::Isolated::start(
                        program,
                        isolation.processes,
                        options.retry_pause,
                        &self.back.stop,
                        &self.back.tasks,
                    );
                    Arc::new(started.await.map_err(|source| StartError::Process {
                        logical_id: function.logical_id.clone(),
                        source,
                    })?)
                }
            },
        };
        Ok(Lambda {
            name: function.binary.clone(),
            arn: function.arn.clone(),
            timeout: function.timeout,
            invoker,
            tally: Arc::clone(&self.tallies[&function.binary]),
            activity: Arc::clone(&self.activity),
            slowness: Slowness::default(),
        })
    }
}

fn find(function: &Function, directories: &[PathBuf]) -> Result<PathBuf, StartError> {
    isolated::find(&function.binary, directories).ok_or_else(|| StartError::NoBinary {
        logical_id: function.logical_id.clone(),
        binary: function.binary.clone(),
        directories: directories
            .iter()
            .map(|directory| directory.display().to_string())
            .collect::<Vec<_>>()
            .join(" or "),
    })
}
