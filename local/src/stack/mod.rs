//! A whole stack: everything that a template declares, running in this process or driven from it.
//!
//! Owns the order of starting and stopping, and the ways in for tests and tools: addresses, the services themselves,
//! counts, stillness. What each part does is its own module's.

mod launch;
mod listeners;
mod part;
mod services;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use local_dynamodb::DynamoDb;
use local_identity::Identity;
use local_mail::Mail;
use local_messaging::Messaging;
use payment_stand_in::StandIn;
use sam_template::Template;

use crate::activity::Activity;
use crate::address::Addresses;
use crate::control::{Control, Hands};
use crate::counts::{Bookkeeping, Counts, Tally};
use crate::data_directory::DataDirectory;
use crate::invoke::{FunctionError, Lambda};
use crate::options::StackOptions;
use crate::quiet::{Stillness, Watch};
use crate::schedule::Schedule;
use crate::start_error::StartError;
use crate::triggers::{self, Triggers};
use crate::{contexts, parameters, resources};

use launch::{Launch, check_functions};
use listeners::listen;
use part::Part;
use services::Services;

/// A running stack. Dropping it stops it without waiting; [`Stack::stop`] lets what is under way finish.
pub struct Stack {
    addresses: Addresses,
    template: Template,
    services: Services,
    control: Arc<Control>,
    lambdas: BTreeMap<String, Arc<Lambda>>,
    schedules: Vec<Arc<Schedule>>,
    /// What brings work in: the HTTP API, event source mappings, schedules.
    front: Part,
    /// What work needs: AWS services, stand-in, mail, processes.
    back: Part,
    _directory: Option<DataDirectory>,
}

impl Stack {
    /// Starts everything. It is ready when this returns.
    ///
    /// # Errors
    /// When a port is taken, the data directory is in use or damaged, the template holds what cannot be run here, or a
    /// function does not start. The message names which.
    pub async fn start(options: StackOptions) -> Result<Self, StartError> {
        let (listeners, addresses) = listen(options.ports).await?;
        let template = load(&options, &addresses)?;
        triggers::check(&template)?;
        let contexts = contexts::all();
        check_functions(&options, &template, &contexts)?;
        let directory = options
            .data_directory
            .as_deref()
            .map(DataDirectory::open)
            .transpose()?;
        let services = services::open(&options, &template, &addresses, directory.as_ref())?;
        resources::make(&template, &services.dynamodb, &services.messaging).await?;

        let activity = Arc::new(Activity::default());
        let tallies: BTreeMap<String, Arc<Tally>> = template
            .functions
            .iter()
            .map(|function| (function.binary.clone(), Arc::default()))
            .collect();
        let (front, back) = (Part::new(), Part::new());
        let launch = Launch {
            options: &options,
            endpoint_url: &addresses.aws,
            activity: Arc::clone(&activity),
            tallies: &tallies,
            back: &back,
            contexts: &contexts,
        };
        let checkpoints = triggers::open_checkpoints(&template, directory.as_ref())?;
        let control = Arc::new(Control {
            addresses: addresses.clone(),
            books: Bookkeeping::new(
                &template,
                services.dynamodb.clone(),
                services.messaging.clone(),
                tallies.clone(),
            ),
            watch: Watch {
                activity: Arc::clone(&activity),
                dynamodb: services.dynamodb.clone(),
                messaging: services.messaging.clone(),
                stand_in: services.stand_in.clone(),
                queues: triggers::watched_queues(&template),
                streams: triggers::watched_streams(&checkpoints),
            },
            hands: OnceLock::new(),
        });
        back.serve_services(&template, &services, &control, listeners.aws);
        back.serve_pages(
            &services,
            listeners.payments,
            listeners.mail,
            listeners.identity,
        );

        let mut lambdas = BTreeMap::new();
        for function in &template.functions {
            let lambda = Arc::new(launch.start(function).await?);
            lambdas.insert(function.binary.clone(), lambda);
        }
        let triggers = Triggers {
            template: &template,
            options: &options,
            dynamodb: &services.dynamodb,
            messaging: &services.messaging,
            lambdas: &lambdas,
        };
        triggers.start_queues(&front.tasks, &front.stop);
        triggers
            .start_streams(checkpoints, &front.tasks, &front.stop)
            .await?;
        let schedules = triggers.schedules();
        let hands = Hands {
            lambdas: lambdas.clone(),
            schedules: schedules.clone(),
            takings: triggers.takings(),
        };
        let hands = control.hands.set(hands);
        assert!(hands.is_ok(), "a stack is started once");
        if options.schedules {
            for schedule in &schedules {
                let schedule = Arc::clone(schedule);
                front.tasks.spawn(schedule.run(front.stop.clone()));
            }
        }
        front.serve_http_api(
            &template,
            &options,
            &addresses,
            &lambdas,
            &activity,
            listeners.http_api,
        );
        Ok(Self {
            addresses,
            services,
            control,
            lambdas,
            schedules,
            template,
            front,
            back,
            _directory: directory,
        })
    }

    /// Where everything listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The template, resolved for this stack.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The tables.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.services.dynamodb
    }

    /// The topics and queues.
    pub fn messaging(&self) -> &Messaging {
        &self.services.messaging
    }

    /// The payment provider.
    pub fn stand_in(&self) -> &StandIn {
        &self.services.stand_in
    }

    /// The mails sent.
    pub fn mail(&self) -> &Mail {
        &self.services.mail
    }

    /// The OpenID Connect issuer.
    pub fn identity(&self) -> &Identity {
        &self.services.identity
    }

    /// What has been done since the start or the last reset.
    pub fn counts(&self) -> Counts {
        self.control.books.counts()
    }

    /// Starts counting afresh.
    pub fn reset_counts(&self) {
        self.control.books.reset();
    }

    /// What is under way at this moment.
    pub async fn look(&self) -> Stillness {
        self.control.watch.look().await
    }

    /// Waits until nothing is under way, or for the given time at the most, and says what it saw last.
    pub async fn wait_until_quiet(&self, longest: Duration) -> Stillness {
        self.control.watch.wait(longest).await
    }

    /// Runs every schedule once, in the template's order, whether or not they run by themselves.
    ///
    /// # Errors
    /// The first failure; the schedules behind it have not run.
    pub async fn tick_schedules(&self) -> Result<(), FunctionError> {
        for schedule in &self.schedules {
            schedule.tick().await?;
        }
        Ok(())
    }

    /// The processes that run a function, by its binary; none where it runs in this process.
    pub fn function_process_ids(&self, binary: &str) -> Vec<u32> {
        self.lambdas
            .get(binary)
            .map(|lambda| lambda.invoker.processes())
            .unwrap_or_default()
            .iter()
            .map(|process| process.id)
            .collect()
    }

    /// Stops taking work in, lets what is under way finish, and closes everything.
    pub async fn stop(self) {
        self.front.end().await;
        self.back.end().await;
        self.services.messaging.close();
    }
}

fn load(options: &StackOptions, addresses: &Addresses) -> Result<Template, StartError> {
    let text =
        std::fs::read_to_string(&options.template).map_err(|source| StartError::Template {
            path: options.template.clone(),
            source,
        })?;
    let parameters = sam_template::Parameters {
        overrides: parameters::overrides(&text, addresses, &options.parameters),
        region: options.region.clone(),
        account_id: options.account_id.clone(),
        stack_name: options.stack_name.clone(),
        queue_endpoint: addresses.aws.clone(),
        api_endpoint: addresses.http_api.clone(),
    };
    Ok(Template::parse(&text, &parameters)?)
}
