//! The bytes of both protocols, without the SDK between.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use local_messaging::Messaging;

use crate::service::Service;

async fn query(service: &Service, path: &str, form: &str) -> Response<Bytes> {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    service
        .messaging
        .handle(
            request
                .body(Bytes::copy_from_slice(form.as_bytes()))
                .unwrap(),
        )
        .await
}

async fn json(service: &Service, operation: &str, body: &str) -> Response<Bytes> {
    let request = Request::post("/").header("x-amz-target", format!("AmazonSQS.{operation}"));
    service
        .messaging
        .handle(
            request
                .body(Bytes::copy_from_slice(body.as_bytes()))
                .unwrap(),
        )
        .await
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn sqs_answers_the_query_protocol_in_xml() {
    let service = Service::start().await;
    let version = "Version=2012-11-05";
    let made = query(&service, "/", &format!("Action=CreateQueue&QueueName=orders&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=5&{version}")).await;
    let url = format!(
        "<QueueUrl>{}/000000000000/orders</QueueUrl>",
        service.endpoint
    );
    assert!(text(&made).contains(&url), "{}", text(&made));

    let batch = "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=one%26two\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=type&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=t&SendMessageBatchRequestEntry.2.Id=b";
    let sent = query(
        &service,
        "/000000000000/orders",
        &format!("{batch}&{version}"),
    )
    .await;
    assert!(
        text(&sent).contains("<SendMessageBatchResultEntry><Id>a</Id>"),
        "{}",
        text(&sent)
    );
    assert!(
        text(&sent).contains("<BatchResultErrorEntry><Code>MissingParameter</Code><Id>b</Id>"),
        "{}",
        text(&sent)
    );

    let receive = "Action=ReceiveMessage&MaxNumberOfMessages=10&AttributeName.1=All&MessageAttributeName.1=All";
    let received = query(
        &service,
        "/000000000000/orders",
        &format!("{receive}&{version}"),
    )
    .await;
    let received = text(&received);
    assert!(
        received.contains("<ReceiveMessageResult><Message>"),
        "{received}"
    );
    assert!(received.contains("<Body>one&amp;two</Body>"), "{received}");
    assert!(
        received.contains(
            "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>"
        ),
        "{received}"
    );
    let attribute = "<MessageAttribute><Name>type</Name><Value><DataType>String</DataType><StringValue>t</StringValue></Value></MessageAttribute>";
    assert!(received.contains(attribute), "{received}");

    let missing = query(
        &service,
        "/000000000000/none",
        &format!("{receive}&{version}"),
    )
    .await;
    assert_eq!(missing.status(), 400);
    assert!(
        text(&missing)
            .contains("<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>")
    );
    assert!(text(&missing).contains("http://queue.amazonaws.com/doc/2012-11-05/"));
}

#[tokio::test]
async fn json_errors_name_their_shape_and_their_older_code() {
    let service = Service::start().await;
    let response = json(&service, "GetQueueUrl", r#"{"QueueName":"none"}"#).await;
    assert_eq!(response.status(), 400);
    assert_eq!(
        response.headers()["x-amzn-query-error"],
        "AWS.SimpleQueueService.NonExistentQueue;Sender"
    );
    assert_eq!(
        response.headers()["content-type"],
        "application/x-amz-json-1.0"
    );
    assert_eq!(
        text(&response),
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#
    );
    for (operation, body, expected) in [
        ("GetQueueUrl", "{", "SerializationException"),
        ("GetQueueUrl", "{}", "MissingParameter"),
        ("SendMessage", "{}", "MissingParameter"),
        ("Fly", "{}", "InvalidAction"),
    ] {
        let response = json(&service, operation, body).await;
        assert_eq!(response.status(), 400, "{operation} {body}");
        assert!(
            text(&response).contains(expected),
            "{operation} {body}: {}",
            text(&response)
        );
    }
}

#[tokio::test]
async fn sns_errors_keep_their_status() {
    let service = Service::start().await;
    let arn = "arn:aws:sns:us-east-1:000000000000:none";
    let missing = query(
        &service,
        "/",
        &format!("Action=Publish&TopicArn={arn}&Message=x&Version=2010-03-31"),
    )
    .await;
    assert_eq!(missing.status(), 404);
    assert!(
        text(&missing).contains("<Code>NotFound</Code>"),
        "{}",
        text(&missing)
    );
    let unknown = query(&service, "/", "Action=Sing&Version=2010-03-31").await;
    assert_eq!(unknown.status(), 400);
    assert!(text(&unknown).contains("<Code>InvalidAction</Code>"));
}

#[tokio::test]
async fn a_unsubscribe_link_works() {
    let service = Service::start().await;
    let topic = service.subscribed("orders", &[]).await;
    service
        .sns
        .publish()
        .topic_arn(&topic)
        .message("x")
        .send()
        .await
        .unwrap();
    let message = service
        .messaging
        .peek(&Service::queue_arn("orders"), 1)
        .unwrap()
        .remove(0);
    let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
    let link =
        Request::get(body["UnsubscribeURL"].as_str().unwrap()).header("authorization", "none");
    let response = service
        .messaging
        .handle(link.body(Bytes::new()).unwrap())
        .await;
    assert_eq!(response.status(), 200, "{}", text(&response));
    let left = service
        .sns
        .list_subscriptions_by_topic()
        .topic_arn(&topic)
        .send()
        .await
        .unwrap();
    assert!(left.subscriptions().is_empty());
}

#[test]
fn a_dispatcher_can_tell_which_requests_are_ours() {
    let headers = |name: &'static str, value: &'static str| {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
    };
    let none = HeaderMap::new();
    let scope = |service: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential=k/20261124/us-east-1/{service}/aws4_request, SignedHeaders=host"
        )
    };
    let signed = |service: &str| {
        HeaderMap::from_iter([(http::header::AUTHORIZATION, scope(service).parse().unwrap())])
    };
    for (headers, body, expected) in [
        (headers("x-amz-target", "AmazonSQS.SendMessage"), "{}", true),
        (
            headers("x-amz-target", "DynamoDB_20120810.GetItem"),
            "{}",
            false,
        ),
        (signed("sns"), "Action=Publish", true),
        (signed("sqs"), "", true),
        (signed("dynamodb"), "", false),
        (none.clone(), "Action=Publish&Version=2010-03-31", true),
        (
            none.clone(),
            "Action=GetCallerIdentity&Version=2011-06-15",
            false,
        ),
        (none, "", false),
    ] {
        assert_eq!(
            Messaging::handles(&headers, body.as_bytes()),
            expected,
            "{headers:?} {body}"
        );
    }
}
