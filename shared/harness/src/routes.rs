//! Holds a context's router against its description: neither has a route that the other lacks, and whom a route lets in
//! is whom it says.

use std::collections::BTreeSet;

use door::Context;
use openapi::Operation;

use crate::{Answer, Harness, Request};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

impl<C: Context> Harness<C> {
    /// Asks every described route, with every method, as nobody, as a customer, as an operator and as a guest. `sources` are the
    /// texts of the modules that build the router: axum does not list its routes, and a path that nobody described would
    /// never be asked for.
    ///
    /// # Panics
    /// When the router and the description differ.
    pub async fn hold_routes_against_description(&self, sources: &[&str]) {
        let described: BTreeSet<Operation> = C::description().operations().into_iter().collect();
        assert!(!described.is_empty(), "no route is described");
        let routed: BTreeSet<&str> = sources.iter().flat_map(|source| paths(source)).collect();
        let paths: BTreeSet<&str> = described
            .iter()
            .map(|operation| operation.path.as_str())
            .collect();
        assert_eq!(routed, paths, "the router's paths, and the described ones");
        let document = openapi::document("A context", "Under test", "0", [C::description()]);
        for path in paths {
            for method in METHODS {
                let operation = Operation {
                    method: (*method).to_owned(),
                    path: path.to_owned(),
                };
                let nobody = self.http(&ask(method, path)).await;
                assert!(
                    !is_fallback(&nobody),
                    "{method} {path} is not routed at all"
                );
                let is_routed = nobody.status != 405;
                assert_eq!(
                    is_routed,
                    described.contains(&operation),
                    "{method} {path}: routed, and described"
                );
                if is_routed {
                    let security =
                        &document["paths"][path][method.to_ascii_lowercase()]["security"][0];
                    let scheme = security
                        .as_object()
                        .and_then(|schemes| schemes.keys().next());
                    self.hold_door(method, path, nobody.status, scheme.map(String::as_str))
                        .await;
                }
            }
        }
    }

    async fn hold_door(&self, method: &str, path: &str, nobody: u16, scheme: Option<&str>) {
        let customer = self
            .http(&ask(method, path).by_customer("c-1"))
            .await
            .status;
        let operator = self
            .http(&ask(method, path).by_operator("ops"))
            .await
            .status;
        let guest = ask(method, path).by_guest(&self.guest_token());
        let guest = self.http(&guest).await.status;
        let turned_away = |status: u16| status == 401 || status == 403;
        let seen = (
            nobody,
            turned_away(customer),
            turned_away(operator),
            turned_away(guest),
        );
        let shown = format!("{method} {path} for {scheme:?}: nobody, customer, operator, guest");
        match scheme {
            Some("customer") => assert_eq!(seen, (401, false, true, true), "{shown}"),
            Some("operator") => assert_eq!(seen, (401, true, false, true), "{shown}"),
            Some("guest") => assert_eq!(seen, (401, true, true, false), "{shown}"),
            Some(other) => {
                panic!("{method} {path} is secured by {other}, which the door does not know")
            }
            None => assert!(!turned_away(nobody), "{shown}: {nobody}"),
        }
    }
}

/// A request without a body, to variables that name nothing.
fn ask(method: &str, path: &str) -> Request {
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            "nothing"
        } else {
            segment
        }
    });
    Request::new(method, &segments.collect::<Vec<_>>().join("/"))
}

/// The door's answer where the router has no such path.
fn is_fallback(answer: &Answer) -> bool {
    answer.status == 404 && answer.body["detail"] == "this path is not known"
}

/// The paths that a source text gives to `.route(`.
fn paths(source: &str) -> Vec<&str> {
    let calls = source.split(".route(").skip(1);
    calls
        .filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next())
        .collect()
}
