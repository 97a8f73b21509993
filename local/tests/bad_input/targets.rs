//! Whole functions as targets: whatever invokes them, they answer, and never with a failure.

use std::collections::BTreeMap;

use door::InvocationError;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::call::{Answer, Call};
use crate::corpus::{cases, inputs, payloads, seeds, texts};
use crate::routes::{self, Caller, Takes};
use crate::world::{self, CONTEXTS, World, sign};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn held(answer: &Answer) -> Result<(), TestCaseError> {
    answer.holds().map_err(TestCaseError::fail)
}

/// A payload that was changed may still be an HTTP request, a batch, or nothing; a function fails as a whole for what
/// is no trigger, and for nothing else.
#[test]
fn a_payload_is_answered_or_no_trigger() {
    let runtime = runtime();
    for context in CONTEXTS {
        let world = runtime.block_on(World::of(context));
        let seeds = [payloads(context), seeds("trigger")].concat();
        let outcome = TestRunner::new(cases(1000)).run(&texts(seeds), |payload| {
            match runtime.block_on(world.invoke(&payload)) {
                Ok(answer) => {
                    let read: Value = serde_json::from_slice(&answer).unwrap();
                    if read.get("statusCode").is_some() {
                        held(&Answer::read(&answer))?;
                    } else {
                        prop_assert!(
                            ["batchItemFailures", "due", "items"]
                                .iter()
                                .any(|name| read.get(name).is_some()),
                            "{}",
                            read
                        );
                    }
                }
                Err(InvocationError::Trigger(_)) => {}
                Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
            }
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{context}: {failure}"));
    }
}

/// Any body to any route, signed where that is what it takes.
#[test]
fn a_body_is_answered() {
    let runtime = runtime();
    let worlds = runtime.block_on(world::all());
    for route in routes::all() {
        let mut seeds = seeds("body");
        seeds.extend(match &route.takes {
            Takes::Nothing => vec![Vec::new()],
            Takes::Json(body) | Takes::OptionalJson(body) | Takes::Signed(body) => {
                vec![body.to_string().into_bytes()]
            }
            Takes::Rows(rows) => vec![rows.as_bytes().to_vec()],
        });
        let world = &worlds[route.context];
        let outcome = TestRunner::new(cases(200)).run(&inputs(seeds), |body| {
            let call = match route.takes {
                Takes::Signed(_) => sign(route.call(), &body),
                Takes::Nothing | Takes::Json(_) | Takes::OptionalJson(_) | Takes::Rows(_) => {
                    route.call().bytes(body)
                }
            };
            held(&runtime.block_on(world.send(&call)))
        });
        outcome.unwrap_or_else(|failure| panic!("{}: {failure}", route.name()));
    }
}

/// Any path and query string, to each context.
#[test]
fn a_target_is_answered() {
    let runtime = runtime();
    for (context, world) in runtime.block_on(world::all()) {
        let own: Vec<Vec<u8>> = routes::all()
            .into_iter()
            .filter(|route| route.context == context)
            .map(|route| route.path.into_bytes())
            .collect();
        let parts = (
            texts([own, seeds("path")].concat()),
            texts(seeds("query")),
            any::<bool>(),
        );
        let outcome = TestRunner::new(cases(600)).run(&parts, |(path, query, is_operator)| {
            let mut call = Call::new("GET", "/");
            (call.path, call.query) = (path, query);
            let call = if is_operator {
                call.operator()
            } else {
                call.customer(world::CUSTOMER)
            };
            held(&runtime.block_on(world.send(&call)))
        });
        outcome.unwrap_or_else(|failure| panic!("{context}: {failure}"));
    }
}

/// Any claims: nobody gets in without the route's own scope, spelt out, and a subject.
#[test]
fn claims_let_in_or_keep_out() {
    let runtime = runtime();
    let worlds = runtime.block_on(world::all());
    let reading: Vec<_> = routes::all()
        .into_iter()
        .filter(|route| {
            route.method == "GET" && matches!(route.caller, Caller::Customer | Caller::Operator)
        })
        .collect();
    assert!(reading.len() > 5);
    let claims = (
        proptest::option::of(texts(seeds("identifier"))),
        proptest::option::of(texts(seeds("scope"))),
        proptest::collection::btree_map("[a-z]{1,8}", any::<String>(), 0..3),
    );
    for route in reading {
        let world = &worlds[route.context];
        let needed = match route.caller {
            Caller::Operator => door::OPERATE_SCOPE,
            Caller::Customer | Caller::Guest | Caller::Anybody => door::SHOP_SCOPE,
        };
        let outcome = TestRunner::new(cases(300)).run(&claims, |(subject, scope, more)| {
            let mut claims = route
                .call()
                .claims("c-1", needed)
                .claims
                .unwrap_or_default();
            claims.retain(|name, _| name != "sub" && name != "scope");
            let more = more.into_iter();
            claims.extend(more.map(|(name, text)| (name, Value::from(text))));
            claims.extend(
                subject
                    .clone()
                    .map(|subject| ("sub".to_owned(), subject.into())),
            );
            claims.extend(
                scope
                    .clone()
                    .map(|scope| ("scope".to_owned(), scope.into())),
            );
            let mut call = route.call();
            call.claims = Some(claims);
            let answer = runtime.block_on(world.send(&call));
            held(&answer)?;
            let has_scope =
                scope.is_some_and(|scope| scope.split_whitespace().any(|one| one == needed));
            let has_subject = subject.is_some_and(|subject| !subject.trim().is_empty());
            let is_let_in = !matches!(answer.status, 401 | 403);
            prop_assert!(!is_let_in || (has_scope && has_subject), "{:?}", answer);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{}: {failure}", route.name()));
    }
}

/// Any headers, to every route.
#[test]
fn headers_are_answered() {
    let runtime = runtime();
    let worlds = runtime.block_on(world::all());
    let by_context: BTreeMap<&str, Vec<_>> = CONTEXTS
        .into_iter()
        .map(|context| {
            (
                context,
                routes::all()
                    .into_iter()
                    .filter(|route| route.context == context)
                    .collect(),
            )
        })
        .collect();
    for (context, routes) in by_context {
        let world = &worlds[context];
        let names = prop_oneof![
            proptest::sample::select(vec![
                "content-type",
                "idempotency-key",
                "stripe-signature",
                "traceparent",
                "content-length",
                "accept",
                "cookie",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        let headers = proptest::collection::btree_map(names, texts(seeds("header")), 0..6);
        let parts = (any::<proptest::sample::Index>(), headers);
        let outcome = TestRunner::new(cases(400)).run(&parts, |(route, headers)| {
            let mut call = routes[route.index(routes.len())].call();
            call.headers.extend(headers);
            held(&runtime.block_on(world.send(&call)))
        });
        outcome.unwrap_or_else(|failure| panic!("{context}: {failure}"));
    }
}

/// Any CSV or lines of JSON: what is imported and what is refused add up, and each refusal has its row.
#[test]
fn rows_are_imported_or_refused_one_by_one() {
    let runtime = runtime();
    let targets = [("csv", "text/csv"), ("json-lines", "application/x-ndjson")];
    for (target, kind) in targets {
        let world = runtime.block_on(World::of("catalog"));
        let outcome = TestRunner::new(cases(1000)).run(&inputs(seeds(target)), |rows| {
            let call = Call::new("POST", "/api/operator/products/import?from=11").operator();
            let lines = rows
                .iter()
                .filter(|byte| matches!(byte, b'\n' | b'\r'))
                .count()
                + 1;
            let answer =
                runtime.block_on(world.send(&call.header("content-type", kind).bytes(rows)));
            held(&answer)?;
            if answer.is_success() {
                let count = |name: &str| answer.body[name].as_u64().unwrap() as usize;
                let all =
                    count("created") + count("updated") + count("unchanged") + count("rejected");
                prop_assert!(all <= lines, "{} of {} lines", all, lines);
                let errors = answer.body["errors"].as_array().unwrap();
                prop_assert_eq!(count("rejected") == 0, errors.is_empty(), "{}", answer.body);
                for error in errors {
                    let row = error["row"].as_u64().unwrap() as usize;
                    prop_assert!((11..=11 + lines).contains(&row), "{}", answer.body);
                    prop_assert!(
                        error["field"]
                            .as_str()
                            .is_some_and(|field| !field.is_empty()),
                        "{}",
                        answer.body
                    );
                }
            }
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{target}: {failure}"));
    }
}
