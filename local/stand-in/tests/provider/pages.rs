//! The pages that a person sees.

use axum::body::Body;
use http::Request;

use crate::harness::{Answer, Provider, held};

async fn browse(provider: &Provider, method: &str, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept", "text/html,*/*")
        .body(Body::empty())
        .unwrap();
    provider.send(request).await
}

#[tokio::test]
async fn the_overview_escapes_what_others_wrote() {
    let provider = Provider::new();
    assert!(
        browse(&provider, "GET", "/stand-in")
            .await
            .text
            .contains("No payments yet")
    );
    let form = "amount=1200&currency=jpy&metadata[order_id]=%3Cscript%3Ealert(1)%3C/script%3E";
    provider.post("/v1/payment_intents", form).await.ok();
    let page = browse(&provider, "GET", "/stand-in").await;
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.text.contains("<script>"));
    assert!(page.text.contains("¥1200 JPY"));
}

#[tokio::test]
async fn the_bank_page_confirms_and_returns_to_the_shop() {
    let provider = Provider::new();
    let form = format!(
        "{}&return_url=http://127.0.0.1:3000/thanks?order=1",
        held("pm_card_authenticationRequired")
    );
    for (outcome, redirect_status) in [("succeed", "succeeded"), ("fail", "failed")] {
        let intent = provider.post("/v1/payment_intents", &form).await.ok();
        let id = intent["id"].as_str().unwrap();
        let page = browse(&provider, "GET", &format!("/stand-in/actions/{id}")).await;
        assert!(
            page.text
                .contains(&format!("action=\"/stand-in/actions/{id}/{outcome}\"")),
            "{}",
            page.text
        );
        let answer = browse(
            &provider,
            "POST",
            &format!("/stand-in/actions/{id}/{outcome}"),
        )
        .await;
        assert_eq!(answer.status, 303);
        let location = answer.headers["location"].to_str().unwrap();
        assert!(location.starts_with(&format!(
            "http://127.0.0.1:3000/thanks?order=1&payment_intent={id}&"
        )));
        assert!(location.ends_with(&format!("redirect_status={redirect_status}")));
        let page = browse(&provider, "GET", &format!("/stand-in/actions/{id}")).await;
        assert!(page.text.contains("There is nothing to do"));
    }
}

#[tokio::test]
async fn the_till() {
    let provider = Provider::new();
    let form = "amount=3000&currency=jpy&payment_method_types[]=konbini&payment_method_data[type]=konbini&confirm=true";
    let intent = provider.post("/v1/payment_intents", form).await.ok();
    let path = format!("/stand-in/konbini/{}", intent["id"].as_str().unwrap());
    assert!(
        browse(&provider, "GET", &path)
            .await
            .text
            .contains("Pay at the till")
    );
    assert_eq!(
        browse(&provider, "POST", &format!("{path}/pay"))
            .await
            .status,
        303
    );
    assert!(
        browse(&provider, "GET", &path)
            .await
            .text
            .contains("succeeded")
    );
}

#[tokio::test]
async fn unknown_pages() {
    let provider = Provider::new();
    for (method, path) in [
        ("GET", "/stand-in/actions/pi_x"),
        ("POST", "/stand-in/actions/pi_x/succeed"),
        ("POST", "/stand-in/actions/pi_x/explode"),
        ("POST", "/stand-in/konbini/pi_x/pay"),
    ] {
        assert_eq!(browse(&provider, method, path).await.status, 404, "{path}");
    }
}
