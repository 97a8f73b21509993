//! The services behind the functions: tables, messages, payment provider, mail, sign-in.

use std::path::PathBuf;
use std::sync::Arc;

use local_dynamodb::DynamoDb;
use local_identity::Identity;
use local_mail::Mail;
use local_messaging::Messaging;
use payment_stand_in::StandIn;
use sam_template::{EventSource, Template};

use crate::address::Addresses;
use crate::data_directory::DataDirectory;
use crate::options::StackOptions;
use crate::parameter_store::ParameterStore;
use crate::parameters;
use crate::start_error::StartError;

/// The route that the payment provider's webhooks go to.
const WEBHOOK_PATH: &str = "/api/payments/webhook";

/// The events that an endpoint has to be registered for at the provider: those that are no answer to a call of ours, but
/// come of the customer's or the issuer's doing.
const WEBHOOK_EVENTS: [&str; 3] = [
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
];

/// Handles of all of them.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) dynamodb: DynamoDb,
    pub(super) messaging: Messaging,
    pub(super) stand_in: StandIn,
    pub(super) mail: Mail,
    pub(super) identity: Identity,
    pub(super) parameter_store: ParameterStore,
}

/// Opens them on a directory, or in memory without one.
pub(super) fn open(
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
        .any(|source| matches!(source, EventSource::Http { path, .. } if path == WEBHOOK_PATH));
    let stand_in = StandIn::open(payment_stand_in::Options {
        directory: directory.clone(),
        base_url: addresses.payments.clone(),
        webhook_url: hears_webhooks.then(|| format!("{}{WEBHOOK_PATH}", addresses.http_api)),
        webhook_events: WEBHOOK_EVENTS.map(str::to_owned).to_vec(),
        webhook_secrets: vec![parameters::WEBHOOK_SECRET.to_owned()],
        ..options.payments.clone()
    })?;
    let identity = Identity::open(local_identity::Options {
        directory: directory.clone(),
        issuer: addresses.identity.clone(),
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
        identity,
        parameter_store: ParameterStore::of(template),
    })
}
