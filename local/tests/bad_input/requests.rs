//! Bad bodies, parameters, headers, methods and paths, of every route.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::call::{Answer, Call};
use crate::hard_json::{self, NOT_UTF_8};
use crate::mutation::{
    Wrong, doubled_fields, missing_fields, names, strange_texts, unknown_fields, with, with_text,
    wrong_numbers, wrong_texts, wrong_types,
};
use crate::routes::{self, Route, Takes};
use crate::world::{self, State, World};

/// Sends bad requests to one world, and holds each answer, and what stands afterwards, against what must be.
pub struct Judge<'a> {
    world: &'a World,
    before: State,
    pub cases: usize,
    pub broken: Vec<String>,
}

impl<'a> Judge<'a> {
    pub fn of(world: &'a World) -> Self {
        world.settle();
        Self {
            world,
            before: world.state(),
            cases: 0,
            broken: Vec::new(),
        }
    }

    /// The call must be refused with one of the statuses, and change nothing.
    pub async fn refused(&mut self, what: &str, call: &Call, statuses: &[u16]) -> Answer {
        let answer = self.world.send(call).await;
        self.cases += 1;
        let mut faults = Vec::new();
        if !statuses.contains(&answer.status) {
            faults.push(format!("{} is none of {statuses:?}", answer.status));
        }
        faults.extend(answer.holds().err());
        if !self.is_still() {
            faults.push("something changed".to_owned());
            self.before = self.world.state();
        }
        for fault in faults {
            self.fault(what, call, &fault, &answer);
        }
        answer
    }

    /// The same; and the problem names the field.
    pub async fn names(&mut self, what: &str, call: &Call, statuses: &[u16], field: &str) {
        let answer = self.refused(what, call, statuses).await;
        if !answer.fields().iter().any(|named| names(named, field)) {
            self.fault(what, call, &format!("{field:?} is not named"), &answer);
        }
    }

    /// The call may succeed; if it does not, it changes nothing. It never fails.
    pub async fn survived(&mut self, what: &str, call: &Call) -> Answer {
        let answer = self.world.send(call).await;
        self.cases += 1;
        if let Err(fault) = answer.holds() {
            self.fault(what, call, &fault, &answer);
        }
        let is_still = self.is_still();
        if !answer.is_success() && !is_still {
            self.fault(what, call, "something changed", &answer);
        }
        if !is_still {
            self.before = self.world.state();
        }
        answer
    }

    /// Whether nothing was written, said, mailed or asked of the provider. The table as a whole is compared once all of
    /// a route's cases are through.
    fn is_still(&self) -> bool {
        self.world.is_still() && self.world.asked() == self.before.asked()
    }

    pub fn fault(&mut self, what: &str, call: &Call, fault: &str, answer: &Answer) {
        let body = call.body.as_deref().map(String::from_utf8_lossy);
        let body = body.unwrap_or_default();
        let (method, path, query) = (&call.method, &call.path, &call.query);
        self.broken.push(format!(
            "{method} {path:.100} {query:.100}: {what}: {fault}\n    sent {body:.300}\n    got {} {:.300}",
            answer.status,
            answer.body.to_string()
        ));
    }
}

/// What came of many cases, by route or context.
#[derive(Default)]
pub struct Tally {
    cases: BTreeMap<String, usize>,
    broken: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, name: &str, judge: Judge<'_>) {
        if judge.world.state() != judge.before {
            self.broken
                .push(format!("{name}: what stands is not what stood"));
        }
        *self.cases.entry(name.to_owned()).or_default() += judge.cases;
        self.broken.extend(judge.broken);
    }

    /// Fails the test if anything is broken, or if fewer cases ran than there must be.
    pub fn close(self, what: &str, at_least: usize) {
        let cases: usize = self.cases.values().sum();
        eprintln!("{what}: {cases} cases: {:?}", self.cases);
        let shown: Vec<&str> = self.broken.iter().take(40).map(String::as_str).collect();
        assert!(
            self.broken.is_empty(),
            "{} of {cases} broken:\n{}",
            self.broken.len(),
            shown.join("\n")
        );
        assert!(cases >= at_least, "only {cases} cases of {what}");
    }
}

fn with_body(route: &Route, text: impl Into<Vec<u8>>) -> Call {
    route.call().bytes(text)
}

#[tokio::test]
async fn the_good_request_of_every_route_succeeds() {
    for route in routes::all() {
        let world = World::of(route.context).await;
        world.good(&route.call()).await;
        for field in route.optional {
            let body = route.json().unwrap();
            let Some((parent, name)) = field.rsplit_once('.').or(Some(("", field))) else {
                continue;
            };
            // One of a map's entries may be left out as long as there is another; null is for fields.
            if parent.ends_with("title")
                || parent.ends_with("description")
                || parent.ends_with("name")
            {
                continue;
            }
            let mut call = route.call();
            if route.keyed {
                call = call.header("idempotency-key", &format!("without {field}"));
            }
            let takes_null = !matches!(name, "description" | "name");
            if takes_null {
                let text = with(body, field, Value::Null).to_string();
                let world = World::of(route.context).await;
                world.good(&call.bytes(text)).await;
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let mut tally = Tally::default();
    let texts = hard_json::texts();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let mut judge = Judge::of(&world);
            let may_be_left_out = match route.takes {
                Takes::Json(_) => false,
                Takes::OptionalJson(_) => true,
                Takes::Nothing | Takes::Rows(_) | Takes::Signed(_) => continue,
            };
            let good = route.json().unwrap();
            let mut fields = good.as_object().unwrap().keys();
            let all_optional = fields.all(|name| route.optional.contains(&name.as_str()));
            for hard in &texts {
                let text = hard.text.as_str();
                let call = with_body(route, text);
                if (may_be_left_out && text.is_empty()) || (all_optional && text.trim() == "{}") {
                    continue;
                }
                judge.refused(&hard.name, &call, &[400]).await;
            }
            for (what, bytes) in NOT_UTF_8 {
                judge.refused(what, &with_body(route, *bytes), &[400]).await;
            }
            if !may_be_left_out {
                let mut call = route.call();
                call.body = None;
                judge.refused("no body", &call, &[400]).await;
            }
            let good = good.to_string();
            for (what, text) in [
                ("something after it", format!("{good} x")),
                ("twice", format!("{good}{good}")),
                ("a comma after it", format!("{good},")),
                ("a comment", format!("/* tea */{good}")),
                ("a null after it", format!("{good}\0")),
                ("a byte order mark before it", format!("\u{feff}{good}")),
                ("cut short", good[..good.len() - 1].to_owned()),
                ("as a text", Value::from(good.as_str()).to_string()),
                ("in a list", format!("[{good}]")),
                ("in single quotes", good.replace('"', "'")),
            ] {
                judge.refused(what, &with_body(route, text), &[400]).await;
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("bodies that are no JSON", 4000);
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let Some(good) = route.json() else { continue };
            let mut judge = Judge::of(&world);
            let wrong: Vec<Wrong> = [
                wrong_types(good, route.optional),
                missing_fields(good, route.optional),
                unknown_fields(good),
                doubled_fields(good),
                wrong_numbers(good),
                wrong_texts(good, route.free),
            ]
            .concat();
            for Wrong { what, path, text } in wrong {
                let call = with_body(route, text);
                let what = format!("{path}: {what}");
                if path.is_empty() {
                    judge.refused(&what, &call, &[400]).await;
                } else {
                    judge.names(&what, &call, &[400, 422], &path).await;
                }
            }
            for (path, value, field) in &route.refused {
                let call = with_body(route, with(good, path, value.clone()).to_string());
                let what = format!("{path}: {value:.60}");
                if field.is_empty() {
                    judge.refused(&what, &call, &[400, 409, 422]).await;
                } else {
                    judge.names(&what, &call, &[400, 422], field).await;
                }
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("wrong fields", 3000);
}

#[tokio::test]
async fn no_field_is_broken_by_hard_json_or_a_strange_text() {
    let mut tally = Tally::default();
    let texts = hard_json::texts();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let Some(good) = route.json() else { continue };
            let mut judge = Judge::of(&world);
            for (name, value) in good.as_object().unwrap() {
                for hard in texts.iter().filter(|hard| hard.text.len() < 20_000) {
                    let call = with_body(route, with_text(good, name, &hard.text));
                    judge.survived(&hard.name, &call).await;
                }
                if value.is_array() {
                    for hard in texts.iter().filter(|hard| hard.text.len() < 20_000) {
                        let text = with_text(good, &format!("{name}[0]"), &hard.text);
                        judge.survived(&hard.name, &with_body(route, text)).await;
                    }
                }
            }
            for (position, path) in route.free.iter().enumerate() {
                for (serial, text) in strange_texts().into_iter().enumerate() {
                    let what = format!("{path}: {text:.40?}");
                    let mut body = with(good, path, Value::from(text));
                    // A product of its own each time, so that each is decided upon for its content.
                    if let Some(id) = body.get_mut("product_id") {
                        *id = Value::from(format!("p-{position}-{serial}"));
                    }
                    judge
                        .survived(&what, &with_body(route, body.to_string()))
                        .await;
                }
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("hard fields", 8000);
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_refused() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let good = match &route.takes {
                Takes::Nothing => continue,
                Takes::Json(body) | Takes::OptionalJson(body) | Takes::Signed(body) => {
                    body.to_string()
                }
                Takes::Rows(rows) => (*rows).to_owned(),
            };
            let mut judge = Judge::of(&world);
            for bytes in [door::MAX_BODY_BYTES + 1, 3 * 1024 * 1024] {
                let padded = format!("{good}{}", " ".repeat(bytes - good.len()));
                let call = match route.takes {
                    Takes::Signed(_) => world::sign(route.call(), padded.as_bytes()),
                    Takes::Nothing | Takes::Json(_) | Takes::OptionalJson(_) | Takes::Rows(_) => {
                        with_body(route, padded)
                    }
                };
                judge
                    .refused(&format!("{bytes} bytes"), &call, &[413])
                    .await;
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("oversize bodies", 30);
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let others: &[&str] = match route.takes {
                Takes::Json(_) | Takes::OptionalJson(_) => &["text/csv", "application/x-ndjson"],
                Takes::Rows(_) => &["application/json"],
                // What the provider has signed is read by its signature, whatever it is said to be.
                Takes::Nothing | Takes::Signed(_) => continue,
            };
            let mut judge = Judge::of(&world);
            for kind in [
                "text/plain",
                "text/html; charset=utf-8",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/jsonp",
                "application/json+x",
                "application/octet-stream",
                "application",
                "/",
                ";",
                "",
                " ",
                "茶",
                "application/json\u{e9}",
            ]
            .iter()
            .chain(others)
            {
                let call = route.call().header("content-type", kind);
                judge
                    .refused(&format!("the kind {kind:?}"), &call, &[415])
                    .await;
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("bodies of another kind", 250);
}

#[tokio::test]
async fn a_bad_or_missing_key_is_refused_and_no_other_header_matters() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let mut judge = Judge::of(&world);
            if route.keyed {
                let missing = route.call().without_header("idempotency-key");
                judge
                    .names("no key", &missing, &[400], "Idempotency-Key")
                    .await;
                for key in [
                    "",
                    " ",
                    "\t",
                    "ключ",
                    "\u{7f}",
                    &"k".repeat(256),
                    &"k".repeat(10_000),
                ] {
                    let call = route.call().header("idempotency-key", key);
                    judge
                        .names(
                            &format!("the key {key:.20?}"),
                            &call,
                            &[400],
                            "Idempotency-Key",
                        )
                        .await;
                }
            }
            // Sent with a body that is refused where one is read, so that nothing changes.
            for (name, value) in [
                ("traceparent", "00-x-y-z"),
                ("traceparent", "茶"),
                ("user-agent", "José\u{e9}茶"),
                ("x-forwarded-for", "127.0.0.1, ' OR 1=1"),
                ("x-http-method-override", "DELETE"),
                ("x-original-url", "/api/operator/orders"),
                ("content-length", "-1"),
                ("transfer-encoding", "chunked"),
                ("content-encoding", "gzip"),
                ("host", "evil.example"),
                ("x-break", "a\r\nb: c"),
                ("x y", "a"),
                ("", "a"),
                ("x-long", &"x".repeat(100_000)),
            ] {
                let plain = route.call();
                let call = match &route.takes {
                    Takes::Nothing => plain,
                    Takes::Json(_) | Takes::OptionalJson(_) => plain.bytes("{"),
                    Takes::Rows(_) => plain.header("content-type", "text/plain"),
                    Takes::Signed(_) => plain.header("stripe-signature", "t=1,v1=00"),
                };
                let answer = judge.survived("", &call).await;
                let call = call.header(name, value);
                let with_header = judge
                    .survived(&format!("the header {name:?}: {value:.40?}"), &call)
                    .await;
                let repeats = !matches!(route.takes, Takes::Nothing) || route.method == "GET";
                if repeats && with_header.status != answer.status {
                    judge.fault(
                        name,
                        &call,
                        &format!("the answer was {}", answer.status),
                        &with_header,
                    );
                }
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("headers", 1000);
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let mut judge = Judge::of(&world);
            for (query, parameter) in route.queries {
                let mut call = route.call();
                call.query = (*query).to_owned();
                // What is there twice is wrong as a whole.
                let answer = judge.refused(query, &call, &[400]).await;
                let named = answer.fields();
                if !named
                    .iter()
                    .any(|field| field == parameter || *field == "query")
                {
                    judge.fault(query, &call, &format!("{parameter} is not named"), &answer);
                }
            }
            for query in [
                "%",
                "%zz",
                "%FF",
                "%00",
                "=",
                "&",
                "&&&=&",
                "?",
                "a=b=c",
                "[]=1",
                "a[b]=1",
                "#",
                "q",
                "茶=茶",
                "q=\"<>",
                "q=%E8%8C%B6%00%0A",
                "q=\u{202e}",
                "limit=%31%00",
                "cursor",
                "cursor=",
                "../..",
                ";",
                "q=+&q=+",
            ] {
                let mut call = route.call();
                call.query = query.to_owned();
                if route.method == "GET" {
                    judge.survived(query, &call).await;
                }
            }
            if !route.queries.is_empty() {
                let mut call = route.call();
                call.query = format!("q={}", "x".repeat(60_000));
                judge.refused("a long query string", &call, &[400]).await;
                call.query = vec!["a=1"; 20_000].join("&");
                judge.refused("many parameters", &call, &[400]).await;
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("parameters", 350);
}

#[tokio::test]
async fn an_unknown_path_or_method_is_a_problem() {
    let mut tally = Tally::default();
    let known: BTreeSet<(String, String)> = routes::all()
        .iter()
        .map(|route| (route.method.to_owned(), route.path.clone()))
        .collect();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let mut judge = Judge::of(&world);
            for method in [
                "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
                "get",
            ] {
                if known.contains(&(method.to_owned(), route.path.clone())) {
                    continue;
                }
                let mut call = route.call();
                call.method = method.to_owned();
                judge.refused("the method", &call, &[404, 405]).await;
            }
            for path in [
                format!("{}/", route.path),
                format!("{}/x/y/z", route.path),
                format!("/{}", route.path),
                format!("/dev{}", route.path),
                route.path.to_uppercase(),
                route.path.replacen("/api/", "/api/../api/", 1),
                route.path.replacen("/api/", "/api//", 1),
                route.path[1..].to_owned() + "x/y/z",
            ] {
                let mut call = route.call();
                call.path = path;
                judge.refused("the path", &call, &[400, 404, 405]).await;
            }
            tally.add(&route.name(), judge);
        }
        let mut judge = Judge::of(&world);
        for path in [
            "",
            "/",
            "//",
            "*",
            "/api",
            "/favicon.ico",
            "http://evil.example/api/orders",
            "/%",
            "/\u{0}",
            "/茶",
            "?",
            "#",
        ] {
            judge
                .refused(
                    "the path",
                    &Call {
                        path: path.to_owned(),
                        ..Call::new("GET", "/")
                    },
                    &[404],
                )
                .await;
        }
        tally.add(context, judge);
    }
    tally.close("paths and methods", 600);
}

#[tokio::test]
async fn a_strange_path_segment_is_refused() {
    let mut tally = Tally::default();
    for (context, world) in world::all().await {
        for route in routes::all()
            .iter()
            .filter(|route| route.context == context)
        {
            let Some(position) = route
                .template
                .split('/')
                .position(|part| part.starts_with('{'))
            else {
                continue;
            };
            let mut judge = Judge::of(&world);
            let more = [
                "..",
                ".",
                "%",
                "%2e%2e",
                "%2F",
                "a/b",
                "a//b",
                "unknown%",
                "+",
                "*",
                "~",
                "{order_id}",
                "null",
                "undefined",
            ];
            for segment in strange_texts().iter().map(String::as_str).chain(more) {
                // As long as a request line can be: 10,240 bytes with all headers.
                if segment.len() > 10_000 {
                    continue;
                }
                let mut parts: Vec<&str> = route.path.split('/').collect();
                parts[position] = segment;
                let mut call = route.call();
                call.path = parts.join("/");
                let what = format!("the segment {segment:.30?}");
                // Two that are identifiers like any other: of nothing, or of what is then there.
                if matches!(segment, "null" | "undefined") {
                    judge.survived(&what, &call).await;
                } else {
                    judge.refused(&what, &call, &[400, 404, 405, 409]).await;
                }
            }
            tally.add(&route.name(), judge);
        }
    }
    tally.close("path segments", 800);
}
