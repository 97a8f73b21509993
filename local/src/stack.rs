//! A whole stack: everything that a template declares, running in this process or driven from it.
//!
//! Owns the order of starting and stopping, and the ways in for tests and tools: addresses, the services themselves,
//! counts, stillness. What each part does is its own module's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use local_dynamodb::DynamoDb;
use local_mail::Mail;
use local_messaging::Messaging;
use payment_stand_in::StandIn;
use sam_template::{Function, Template};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::activity::Activity;
use crate::address::{Addresses, Ports};
use crate::control::Control;
use crate::counts::{Bookkeeping, Counts, Tally};
use crate::data_directory::DataDirectory;
use crate::endpoint::Endpoint;
use crate::gateway::Gateway;
use crate::invoke::{FunctionError, Invoker, Lambda};
use crate::options::{Functions, StackOptions};
use crate::quiet::{Stillness, Watch};
use crate::schedule::Schedule;
use crate::start_error::StartError;
use crate::triggers::{self, Triggers};
use crate::{contexts, environment, housekeeping, isolated, parameters, resources, server};

/// The route that the payment provider's webhooks go to.
const WEBHOOK_PATH: &str = "/api/payments/webhook";

/// How long work under way may still take when the stack is told to stop.
const LAST_WORK: Duration = Duration::from_secs(15);

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

/// Tasks that stop together.
struct Part {
    stop: CancellationToken,
    tasks: TaskTracker,
    _stop_when_dropped: DropGuard,
}

#[derive(Clone)]
struct Services {
    dynamodb: DynamoDb,
    messaging: Messaging,
    stand_in: StandIn,
    mail: Mail,
}

struct Listeners {
    http_api: TcpListener,
    aws: TcpListener,
    payments: TcpListener,
    mail: TcpListener,
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
        let services = open(&options, &template, &addresses, directory.as_ref())?;
        resources::make(&template, &services.dynamodb, &services.messaging).await?;

        let activity = Arc::new(Activity::default());
        let tallies: BTreeMap<String, Arc<Tally>> = template
            .functions
            .iter()
            .map(|function| (function.binary.clone(), Arc::default()))
            .collect();
        let (front, back) = (Part::new(), Part::new());
        let starting = Starting {
            options: &options,
            addresses: &addresses,
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
        });
        back.serve_services(
            &services,
            &control,
            listeners.aws,
            listeners.payments,
            listeners.mail,
        );

        let mut lambdas = BTreeMap::new();
        for function in &template.functions {
            let lambda = Arc::new(starting.start(function).await?);
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
        if options.schedules {
            for schedule in &schedules {
                let schedule = Arc::clone(schedule);
                front.tasks.spawn(schedule.run(front.stop.clone()));
            }
        }
        front.serve_http_api(&template, &options, &lambdas, &activity, listeners.http_api);
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
            .map(|lambda| lambda.invoker.process_ids())
            .unwrap_or_default()
    }

    /// Stops taking work in, lets what is under way finish, and closes everything.
    pub async fn stop(self) {
        for part in [&self.front, &self.back] {
            part.stop.cancel();
            part.tasks.close();
            if tokio::time::timeout(LAST_WORK, part.tasks.wait())
                .await
                .is_err()
            {
                tracing::warn!(
                    "work was still under way when the stack stopped; it is done again after the next start"
                );
            }
        }
        self.services.messaging.close();
    }
}

impl Part {
    fn new() -> Self {
        let stop = CancellationToken::new();
        Self {
            tasks: TaskTracker::new(),
            _stop_when_dropped: stop.clone().drop_guard(),
            stop,
        }
    }

    fn serve_services(
        &self,
        services: &Services,
        control: &Arc<Control>,
        aws: TcpListener,
        payments: TcpListener,
        mail: TcpListener,
    ) {
        let endpoint = Arc::new(Endpoint {
            dynamodb: services.dynamodb.clone(),
            messaging: services.messaging.clone(),
            mail: services.mail.clone(),
            control: Arc::clone(control),
        });
        self.tasks
            .spawn(server::serve(aws, self.stop.clone(), move |request| {
                Arc::clone(&endpoint).handle(request)
            }));
        self.serve_router(payments, services.stand_in.router());
        self.serve_router(mail, services.mail.router());
        let (stand_in, stop) = (services.stand_in.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(stand_in.run()).await;
        });
        let dynamodb = services.dynamodb.clone();
        self.tasks
            .spawn(housekeeping::run(dynamodb, self.stop.clone()));
    }

    fn serve_router(&self, listener: TcpListener, router: Router) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let until = async move { stop.cancelled().await };
            let served = axum::serve(listener, router).with_graceful_shutdown(until);
            if let Err(error) = served.await {
                tracing::error!(%error, "a page is no longer served");
            }
        });
    }

    fn serve_http_api(
        &self,
        template: &Template,
        options: &StackOptions,
        lambdas: &BTreeMap<String, Arc<Lambda>>,
        activity: &Arc<Activity>,
        listener: TcpListener,
    ) {
        let Some(api) = &template.api else {
            return;
        };
        let of = |function: &Function| Arc::clone(&lambdas[&function.binary]);
        let gateway = Gateway::new(template, api, of, &options.account_id, Arc::clone(activity));
        let gateway = Arc::new(gateway);
        self.tasks
            .spawn(server::serve(listener, self.stop.clone(), move |request| {
                Arc::clone(&gateway).handle(request)
            }));
    }
}

async fn listen(ports: Ports) -> Result<(Listeners, Addresses), StartError> {
    let one = |what: &'static str, flag: &'static str, port: u16| async move {
        let taken = |source| StartError::Port {
            what,
            flag,
            port,
            source,
        };
        let listener = server::listen(port).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        Ok::<_, StartError>((listener, port))
    };
    let (http_api, http_api_port) = one("the HTTP API", "--port", ports.http_api).await?;
    let (aws, aws_port) = one("the AWS endpoint", "--aws-port", ports.aws).await?;
    let (payments, payments_port) =
        one("the payment stand-in", "--payments-port", ports.payments).await?;
    let (mail, mail_port) = one("the mail inbox", "--mail-port", ports.mail).await?;
    let addresses = Addresses::of_ports(http_api_port, aws_port, payments_port, mail_port);
    let listeners = Listeners {
        http_api,
        aws,
        payments,
        mail,
    };
    Ok((listeners, addresses))
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

fn open(
    options: &StackOptions,
    template: &Template,
    addresses: &Addresses,
    directory: Option<&DataDirectory>,
) -> Result<Services, StartError> {
    let directory: Option<PathBuf> = directory.map(|directory| directory.path().to_owned());
    let dynamodb = DynamoDb::open(local_dynamodb::Options {
        directory: directory.clone(),
        region: options.region.clone(),
        account_id: options.account_id.clone(),
    })?;
    let messaging = Messaging::open(local_messaging::Options {
        directory: directory.clone(),
        region: options.region.clone(),
        account_id: options.account_id.clone(),
        endpoint_url: addresses.aws.clone(),
        clock: Arc::clone(&options.queue_clock),
    })?;
    let hears_webhooks = template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources)
        .any(|source| {
            matches!(source, sam_template::EventSource::Http { path, .. } if path == WEBHOOK_PATH)
        });
    let stand_in = StandIn::open(payment_stand_in::Options {
        directory: directory.clone(),
        base_url: addresses.payments.clone(),
        webhook_url: hears_webhooks.then(|| format!("{}{WEBHOOK_PATH}", addresses.http_api)),
        webhook_secrets: vec![parameters::WEBHOOK_SECRET.to_owned()],
        ..options.payments.clone()
    })?;
    let mail = Mail::open(local_mail::Options {
        directory,
        ..options.mail.clone()
    })?;
    Ok(Services {
        dynamodb,
        messaging,
        stand_in,
        mail,
    })
}

/// Looks for every function before anything is made or run, so that a missing one costs nothing.
fn check_functions(
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

/// Starts functions, whichever way the options say.
struct Starting<'a> {
    options: &'a StackOptions,
    addresses: &'a Addresses,
    activity: Arc<Activity>,
    tallies: &'a BTreeMap<String, Arc<Tally>>,
    back: &'a Part,
    contexts: &'a BTreeMap<&'static str, contexts::Start>,
}

impl Starting<'_> {
    async fn start(&self, function: &Function) -> Result<Lambda, StartError> {
        let options = self.options;
        let environment = environment::of(function, &options.region, &self.addresses.aws);
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
                    Arc::new(crate::invoke::InProcess::from(started))
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
