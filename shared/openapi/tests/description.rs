//! What a handler's types say, and what is added to it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::Response;
use http::request::Parts;
use openapi::{Description, Input, Refusal, Route, document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Wish {
    /// How many.
    #[schemars(range(min = 1))]
    quantity: u32,
    size: Option<Size>,
}

/// How big.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Size {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    depth: Option<i64>,
    #[serde(default)]
    width: u64,
}

#[derive(Serialize, JsonSchema)]
struct Order {
    order_id: String,
    size: Size,
}

#[derive(Serialize, JsonSchema)]
struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    status: u16,
}

impl Refusal for Problem {
    fn status(&self) -> u16 {
        self.status
    }
    fn name(&self) -> String {
        self.kind.to_owned()
    }
    fn title(&self) -> &str {
        "It is refused"
    }
}

/// A caller, told by a token.
struct Caller;

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Json<Problem>;
    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

impl Input for Caller {
    fn describe(route: &mut Route<'_>) {
        let scheme = json!({ "type": "http", "scheme": "bearer" });
        route.secured("token", scheme, &["shop"]);
        route.can_refuse(&Problem {
            kind: "nobody",
            status: 401,
        });
    }
}

/// A JSON body.
struct Body<T>(T);

impl<T: JsonSchema> Input for Body<T> {
    fn describe(route: &mut Route<'_>) {
        route.takes::<T>(true);
    }
}

/// A query string.
struct Query<T>(T);

impl<T: JsonSchema> Input for Query<T> {
    fn describe(route: &mut Route<'_>) {
        route.takes_query::<T>();
    }
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Paging {
    /// How many at most.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<usize>,
    order: Sorting,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sorting {
    Oldest,
    Latest,
}

async fn place(_: State<u8>, _: Caller, Body(_): Body<Wish>) -> Result<Response, Problem> {
    unreachable!("a description calls no handler")
}

async fn show(_: Path<String>, Query(_): Query<Paging>) -> Result<Json<Order>, Problem> {
    unreachable!("a description calls no handler")
}

fn order() -> Value {
    json!({ "order_id": "o-1", "size": { "width": 3 } })
}

fn shop() -> Value {
    let mut shop = Description::new("shop", "A shop").behind_gateway(&[
        (401, "Unauthorized"),
        (413, "Too Large"),
        (429, "Too Many Requests"),
    ]);
    let _ = shop
        .post("/orders", "place", place)
        .says("Places an order", "In full.")
        .body_example("usual", "One", json!({ "quantity": 1 }))
        .answers::<Order>(201, "Placed", order())
        .refuses(&Problem {
            kind: "sold-out",
            status: 422,
        })
        .refuses(&Problem {
            kind: "too-many",
            status: 422,
        });
    let _ = shop
        .get("/orders/{order_id}", "show", show)
        .says("Shows an order", "In full.")
        .path::<String>("order_id", "The order", "o-1")
        .query_example("limit", 20)
        .ok("The order", order());
    document("Shop", "A shop", "1", [shop])
}

#[test]
fn extractors_bring_body_security_and_refusals() {
    let shop = shop();
    let place = &shop["paths"]["/orders"]["post"];
    assert_eq!(place["operationId"], "place");
    assert_eq!(place["tags"], json!(["shop"]));
    assert_eq!(place["security"], json!([{ "token": ["shop"] }]));
    assert_eq!(
        shop["components"]["securitySchemes"]["token"]["scheme"],
        "bearer"
    );
    let body = &place["requestBody"];
    assert_eq!(body["required"], true);
    let schema = &body["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Wish");
    let wish = &shop["components"]["schemas"]["Wish"];
    assert_eq!(wish["additionalProperties"], false);
    assert_eq!(wish["required"], json!(["quantity"]));
    assert_eq!(wish["properties"]["quantity"]["minimum"], 1);
    assert_eq!(wish["properties"]["quantity"]["maximum"], u32::MAX);
    let refused = &place["responses"]["422"]["content"]["application/problem+json"];
    let examples = refused["examples"].as_object().unwrap();
    assert_eq!(
        examples.keys().collect::<Vec<_>>(),
        ["sold-out", "too-many"]
    );
    assert_eq!(
        examples["sold-out"]["value"],
        json!({ "type": "sold-out", "status": 422 })
    );
}

#[test]
fn a_signature_tells_the_answer_and_the_query() {
    let shop = shop();
    let show = &shop["paths"]["/orders/{order_id}"]["get"];
    let answer = &show["responses"]["200"]["content"]["application/json"];
    assert_eq!(answer["schema"]["$ref"], "#/components/schemas/Order");
    assert_eq!(answer["examples"]["usual"]["value"], order());
    assert_eq!(show["security"], json!([]));
    let parameters: Vec<(&str, &str, bool)> = show["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["in"].as_str().unwrap(),
                one["name"].as_str().unwrap(),
                one["required"] == true,
            )
        })
        .collect();
    assert_eq!(
        parameters,
        [
            ("path", "order_id", true),
            ("query", "limit", false),
            ("query", "order", true)
        ]
    );
    let limit = &show["parameters"][1];
    assert_eq!(
        limit["schema"],
        json!({ "type": "integer", "minimum": 1, "maximum": 100 })
    );
    assert_eq!(limit["description"], "How many at most.");
    assert_eq!(limit["example"], 20);
}

#[test]
fn one_type_that_is_read_and_written_in_two_forms_has_two_names() {
    let shop = shop();
    let schemas = &shop["components"]["schemas"];
    let wished = &schemas["Wish"]["properties"]["size"]["anyOf"][0];
    let answered = &schemas["Order"]["properties"]["size"];
    assert_eq!(wished["$ref"], "#/components/schemas/SizeInput");
    assert_eq!(answered["$ref"], "#/components/schemas/Size");
    assert_eq!(schemas["SizeInput"].get("required"), None);
    assert_eq!(schemas["Size"]["required"], json!(["width"]));
    assert!(
        !shop.to_string().contains("components/requests"),
        "no reference leads nowhere"
    );
}

#[test]
fn the_gateway_answers_beside_the_function_where_it_can() {
    let shop = shop();
    let place = &shop["paths"]["/orders"]["post"]["responses"];
    let gateway = json!({ "$ref": "#/components/schemas/GatewayMessage" });
    assert_eq!(
        place["401"]["content"]["application/json"]["schema"],
        gateway
    );
    assert!(place["401"]["content"]["application/problem+json"].is_object());
    assert_eq!(
        place["429"]["content"]["application/json"]["schema"],
        gateway
    );
    assert_eq!(place.get("413"), None, "the operation itself never says so");
}

#[test]
#[should_panic(expected = "described twice")]
fn a_route_is_described_once() {
    let mut shop = Description::new("shop", "A shop");
    for _ in 0..2 {
        let _ = shop
            .get("/orders", "list", async || Ok::<_, Problem>(Json(order())))
            .says("Lists", "In full.")
            .answers::<Order>(200, "All", order());
    }
    document("Shop", "A shop", "1", [shop]);
}

#[test]
#[should_panic(expected = "show does not say what {order_id} is")]
fn each_variable_of_a_path_is_explained() {
    let mut shop = Description::new("shop", "A shop");
    let _ = shop
        .get("/orders/{order_id}", "show", show)
        .says("Shows", "In full.")
        .ok("It", order());
    document("Shop", "A shop", "1", [shop]);
}
