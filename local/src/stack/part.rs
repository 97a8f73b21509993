//! A part of a stack: tasks that stop together, and the servers among them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use event_catalogue::{Catalogue, Pages};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use sam_template::{Function, Template};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::services::Services;
use crate::activity::Activity;
use crate::address::{Addresses, EVENT_PAGES};
use crate::control::Control;
use crate::endpoint::Endpoint;
use crate::frontend::Frontend;
use crate::gateway::Gateway;
use crate::invoke::Lambda;
use crate::options::StackOptions;
use crate::{housekeeping, server};

/// How long work under way may still take when it is told to stop.
const LAST_WORK: Duration = Duration::from_secs(15);

/// Tasks that stop together.
pub(super) struct Part {
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
    _stop_when_dropped: DropGuard,
}

impl Part {
    pub(super) fn new() -> Self {
        let stop = CancellationToken::new();
        Self {
            tasks: TaskTracker::new(),
            _stop_when_dropped: stop.clone().drop_guard(),
            stop,
        }
    }

    pub(super) fn serve_services(
        &self,
        template: &Template,
        services: &Services,
        control: &Arc<Control>,
        aws: TcpListener,
    ) {
        let endpoint = Arc::new(Endpoint {
            dynamodb: services.dynamodb.clone(),
            messaging: services.messaging.clone(),
            mail: services.mail.clone(),
            parameter_store: services.parameter_store.clone(),
            control: Arc::clone(control),
            events: Pages::new(Catalogue::of(template), EVENT_PAGES),
        });
        self.tasks
            .spawn(server::serve(aws, self.stop.clone(), move |request| {
                Arc::clone(&endpoint).handle(request)
            }));
        let (stand_in, stop) = (services.stand_in.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(stand_in.run()).await;
        });
        let dynamodb = services.dynamodb.clone();
        self.tasks
            .spawn(housekeeping::run(dynamodb, self.stop.clone()));
    }

    /// The services that people see as pages, each at an address of its own.
    pub(super) fn serve_pages(
        &self,
        services: &Services,
        payments: TcpListener,
        mail: TcpListener,
        identity: TcpListener,
    ) {
        self.serve_router(payments, services.stand_in.router());
        self.serve_router(mail, services.mail.router());
        self.serve_router(identity, services.identity.router());
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

    pub(super) fn serve_http_api(
        &self,
        template: &Template,
        options: &StackOptions,
        addresses: &Addresses,
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
        let frontend = options.frontend.clone();
        let frontend = frontend.map(|directory| Arc::new(Frontend::new(directory, addresses)));
        self.tasks
            .spawn(server::serve(listener, self.stop.clone(), move |request| {
                answer(Arc::clone(&gateway), frontend.clone(), request)
            }));
    }

    /// Lets what is under way finish, for a while.
    pub(super) async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        let ended = tokio::time::timeout(LAST_WORK, self.tasks.wait()).await;
        if ended.is_err() {
            tracing::warn!(
                "work was still under way when the stack stopped; it is done again after the next start"
            );
        }
    }
}

/// One origin, as CloudFront makes it: pages where there are some, and the API.
async fn answer(
    gateway: Arc<Gateway>,
    frontend: Option<Arc<Frontend>>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    if let Some(frontend) = frontend {
        let page = frontend.answer(request.method(), request.uri().path());
        if let Some(page) = page.await {
            return page;
        }
    }
    gateway.handle(request).await
}
