//! The HTTP API: what a function gets, what a caller gets, and whom it lets pass.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use http::{Request, StatusCode};
use serde_json::{Value, json};

use toys::{Behaviour, Toy, send, start};

fn polite() -> Toy {
    Toy::new(|_| Behaviour::Answer(json!({ "statusCode": 200, "body": "ok" })))
}

#[tokio::test]
async fn a_function_gets_the_request_in_payload_format_2() {
    let toy = polite();
    let stack = start(&toy).await;
    let base = &stack.addresses().http_api;
    let request = Request::get(format!("{base}/toys/bear%20%E7%86%8A?x=1&x=2&y=%20z"))
        .header("Authorization", "Bearer customer:c-1")
        .header("X-Thing", "a")
        .header("X-Thing", "b")
        .header("Cookie", "one=1; two=2")
        .header("User-Agent", "tester");
    let response = send(request, "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(&response.body()[..], b"ok");
    assert!(response.headers().contains_key("apigw-requestid"));

    let payload = &toy.payloads()[0];
    let host = base.strip_prefix("http://").unwrap();
    assert_eq!(payload["version"], "2.0");
    assert_eq!(payload["routeKey"], "GET /toys/{id}");
    assert_eq!(payload["rawPath"], "/toys/bear 熊");
    assert_eq!(payload["rawQueryString"], "x=1&x=2&y=%20z");
    assert_eq!(
        payload["queryStringParameters"],
        json!({ "x": "1,2", "y": " z" })
    );
    assert_eq!(payload["pathParameters"], json!({ "id": "bear 熊" }));
    assert_eq!(payload["cookies"], json!(["one=1", "two=2"]));
    assert_eq!(payload["headers"]["x-thing"], "a,b");
    assert_eq!(payload["headers"]["host"], host);
    assert_eq!(payload["headers"].get("cookie"), None);
    assert_eq!(payload["isBase64Encoded"], false);
    assert_eq!(payload.get("body"), None);
    let context = &payload["requestContext"];
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["accountId"], "000000000000");
    assert_eq!(context["http"]["method"], "GET");
    assert_eq!(context["http"]["path"], "/toys/bear 熊");
    assert_eq!(context["http"]["userAgent"], "tester");
    assert_eq!(
        context["requestId"],
        response.headers()["apigw-requestid"].to_str().unwrap()
    );
    assert_eq!(context["authorizer"]["jwt"]["claims"]["sub"], "c-1");
    assert_eq!(
        context["authorizer"]["jwt"]["claims"]["scope"],
        "noren/shop"
    );
    assert_eq!(
        context["authorizer"]["jwt"]["scopes"],
        json!(["noren/shop"])
    );
    let time = context["time"].as_str().unwrap();
    assert!(time.ends_with(" +0000") && time.len() == 26, "{time}");
    assert!(context["timeEpoch"].as_i64().unwrap() > 1_700_000_000_000);
    stack.stop().await;
}

#[tokio::test]
async fn bodies_arrive_as_text_or_base64_and_open_routes_have_no_authorizer() {
    let toy = polite();
    let stack = start(&toy).await;
    let url = format!("{}/echo", stack.addresses().http_api);
    let json_type = Request::post(&url).header("Content-Type", "application/json");
    send(json_type, r#"{"name":"熊"}"#).await;
    let lines = Request::post(&url).header("Content-Type", "application/x-ndjson");
    send(lines, "{}\n").await;
    let payloads = toy.payloads();
    assert_eq!(payloads[0]["body"], r#"{"name":"熊"}"#);
    assert_eq!(payloads[0]["isBase64Encoded"], false);
    assert_eq!(payloads[0]["requestContext"].get("authorizer"), None);
    assert_eq!(payloads[1]["body"], "e30K");
    assert_eq!(payloads[1]["isBase64Encoded"], true);
    stack.stop().await;
}

#[tokio::test]
async fn routes_and_callers_are_checked_before_a_function_runs() {
    let toy = polite();
    let stack = start(&toy).await;
    let base = stack.addresses().http_api.clone();
    let cases = [
        ("GET", "/nowhere", None, 404, "Not Found"),
        ("DELETE", "/toys", None, 404, "Not Found"),
        ("GET", "/toys/1", None, 401, "Unauthorized"),
        ("GET", "/toys/1", Some("Bearer nobody"), 401, "Unauthorized"),
        (
            "GET",
            "/toys/1",
            Some("Bearer operator:o"),
            403,
            "Forbidden",
        ),
        ("POST", "/toys", Some("Bearer customer:c"), 403, "Forbidden"),
        (
            "GET",
            "/toys/%FF",
            Some("Bearer customer:c"),
            400,
            "Bad Request",
        ),
    ];
    for (method, path, token, status, message) in cases {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{base}{path}"));
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        let response = send(request, "").await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(
            toys::json(&response),
            json!({ "message": message }),
            "{method} {path}"
        );
    }
    assert_eq!(toy.payloads(), Vec::<Value>::new());
    let open = send(Request::get(format!("{base}/toys")), "").await;
    assert_eq!(open.status(), StatusCode::OK);
    assert_eq!(toy.payloads()[0].get("pathParameters"), None);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_fails_or_answers_nonsense_gives_500() {
    let mut turn = 0;
    let toy = Toy::new(move |_| {
        turn += 1;
        match turn {
            1 => Behaviour::Fail("no"),
            2 => Behaviour::Panic,
            3 => Behaviour::Hang,
            4 => Behaviour::Answer(json!({ "statusCode": "soon" })),
            _ => Behaviour::Answer(json!({ "inferred": true })),
        }
    });
    let stack = start(&toy).await;
    let url = format!("{}/toys", stack.addresses().http_api);
    for turn in 1..=4 {
        let response = send(Request::get(&url), "").await;
        assert_eq!(
            response.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{turn}"
        );
        assert_eq!(
            toys::json(&response),
            json!({ "message": "Internal Server Error" })
        );
    }
    let inferred = send(Request::get(&url), "").await;
    assert_eq!(inferred.status(), StatusCode::OK);
    assert_eq!(toys::json(&inferred), json!({ "inferred": true }));
    let counts = stack.counts();
    let http = counts.invocations["toys"]["http"];
    assert_eq!((http.total, http.failed), (5, 3));
    stack.stop().await;
}

#[tokio::test]
async fn large_requests_are_refused_by_the_limits_of_gateway_and_lambda() {
    let toy = polite();
    let stack = start(&toy).await;
    let url = format!("{}/echo", stack.addresses().http_api);
    for size in [11 << 20, 7 << 20] {
        let response = send(
            Request::post(&url).header("Content-Type", "text/plain"),
            vec![b'x'; size],
        )
        .await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{size}");
        assert_eq!(
            toys::json(&response),
            json!({ "message": "Request Entity Too Large" })
        );
    }
    assert_eq!(toy.payloads(), Vec::<Value>::new());
    stack.stop().await;
}

#[tokio::test]
async fn browsers_of_the_shop_are_answered_and_others_are_not() {
    let toy = polite();
    let stack = start(&toy).await;
    let url = format!("{}/toys", stack.addresses().http_api);
    let ask = |origin: &str| {
        Request::options(&url)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET")
    };
    let allowed = send(ask("http://shop.example"), "").await;
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "http://shop.example"
    );
    assert_eq!(allowed.headers()["access-control-allow-methods"], "GET");
    let other = send(ask("http://other.example"), "").await;
    assert_eq!(other.headers().get("access-control-allow-origin"), None);
    let get = send(
        Request::get(&url).header("Origin", "http://shop.example"),
        "",
    )
    .await;
    assert_eq!(
        get.headers()["access-control-allow-origin"],
        "http://shop.example"
    );
    assert_eq!(toy.payloads().len(), 1);
    stack.stop().await;
}
