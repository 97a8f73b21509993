//! One context, one table, one topic, one queue; and nobody else's.

use std::collections::BTreeSet;

use sam_template::{EventSource, Function, Subscription, Template};

/// Variables that name a secret in the Parameter Store.
const SECRETS: [&str; 3] = [
    "GUEST_TOKEN_SECRET_NAME",
    "PAYMENT_PROVIDER_SECRET_KEY_NAME",
    "PAYMENT_WEBHOOK_SECRETS_NAME",
];
/// What X-Ray asks of a function that is traced. It has no resources to name.
const NAMELESS: [&str; 2] = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// The context that a resource belongs to, by its logical id.
fn context<'id>(logical_id: &'id str, suffix: &str) -> &'id str {
    logical_id.strip_suffix(suffix).unwrap_or(logical_id)
}

/// The function's environment and event sources name its own table, topic and queue, and no other's.
pub fn ownership(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        let id = &function.logical_id;
        let own = context(id, "Function");
        let value = |name: &str| function.environment.get(name).map_or("", String::as_str);
        let table = template
            .table(&format!("{own}Table"))
            .map_or("no such table", |table| table.name.as_str());
        if value("TABLE_NAME") != table {
            how.push(format!("{id} has the table {}", value("TABLE_NAME")));
        }
        let topic = template
            .topic_by_arn(value("TOPIC_ARN"))
            .map_or("none", |topic| topic.logical_id.as_str());
        if topic != format!("{own}Topic") {
            how.push(format!("{id} has the topic {topic}"));
        }
        for (name, value) in &function.environment {
            let foreign_table = name != "TABLE_NAME"
                && template
                    .tables
                    .iter()
                    .any(|table| value.contains(&table.name));
            let foreign_topic = name != "TOPIC_ARN"
                && template
                    .topics
                    .iter()
                    .any(|topic| value.contains(&topic.arn));
            if foreign_table || foreign_topic {
                how.push(format!("{id}.{name} names a table or a topic"));
            }
        }
        for source in &function.event_sources {
            match source {
                EventSource::Queue { queue_arn, .. } => {
                    let queue = template
                        .queue_by_arn(queue_arn)
                        .map_or("none", |queue| queue.logical_id.as_str());
                    if queue != format!("{own}Queue") {
                        how.push(format!("{id} consumes {queue}"));
                    }
                }
                EventSource::Stream { table: read, .. } if read != table => {
                    how.push(format!("{id} reads {read}"))
                }
                EventSource::Stream { .. }
                | EventSource::Schedule { .. }
                | EventSource::Http { .. } => {}
            }
        }
    }
    how
}

/// What a function's role must allow, and with the table's own indexes and the mail identity, all that it may.
fn wanted(template: &Template, function: &Function) -> BTreeSet<(String, String)> {
    let own = context(&function.logical_id, "Function");
    let mut wanted = BTreeSet::new();
    let mut grant = |resource: &str, actions: &[&str]| {
        wanted.extend(
            actions
                .iter()
                .map(|action| ((*action).to_owned(), resource.to_owned())),
        );
    };
    if let Some(table) = template.table(&format!("{own}Table")) {
        // Scan, because what a stream has lost is published again from the table itself.
        let item = [
            "BatchGetItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "UpdateItem",
        ];
        let item = item.map(|name| format!("dynamodb:{name}"));
        grant(&table.arn, &item.each_ref().map(String::as_str));
        for index in &table.indexes {
            grant(
                &format!("{}/index/{}", table.arn, index.name),
                &["dynamodb:Query"],
            );
        }
        let stream = [
            "DescribeStream",
            "GetRecords",
            "GetShardIterator",
            "ListStreams",
        ];
        let stream = stream.map(|name| format!("dynamodb:{name}"));
        let is_read = |source: &EventSource| matches!(source, EventSource::Stream { .. });
        if function.event_sources.iter().any(is_read) {
            grant(
                &format!("{}/stream/local", table.arn),
                &stream.each_ref().map(String::as_str),
            );
            // Nothing is published but what comes out of the table's stream.
            let topics = template.topics.iter();
            for topic in topics.filter(|topic| topic.logical_id == format!("{own}Topic")) {
                grant(&topic.arn, &["sns:Publish"]);
            }
        }
    }
    for queue in &template.queues {
        if queue.logical_id == format!("{own}Queue") {
            grant(
                &queue.arn,
                &[
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ],
            );
        } else if queue.logical_id == format!("{own}StreamFailures")
            || queue.logical_id == format!("{own}DeadLetters")
        {
            grant(&queue.arn, &["sqs:SendMessage"]);
        }
    }
    // Operators deal with failed messages through insights: it takes them out of the queues where failed work ends, and
    // puts them back into those that they were meant for.
    if own == "Insights" {
        for queue in &template.queues {
            if queue.logical_id.ends_with("Queue") {
                grant(&queue.arn, &["sqs:SendMessage"]);
            } else {
                grant(
                    &queue.arn,
                    &[
                        "sqs:ChangeMessageVisibility",
                        "sqs:DeleteMessage",
                        "sqs:GetQueueAttributes",
                        "sqs:ReceiveMessage",
                    ],
                );
            }
        }
    }
    for group in template
        .log_groups
        .iter()
        .filter(|group| group.logical_id == format!("{own}Logs"))
    {
        let arn = format!(
            "arn:aws:logs:ap-northeast-1:000000000000:log-group:{}:*",
            group.name
        );
        grant(&arn, &["logs:CreateLogStream", "logs:PutLogEvents"]);
    }
    let parameter = |variable: &str| {
        let name = function.environment.get(variable)?;
        Some(format!(
            "arn:aws:ssm:ap-northeast-1:000000000000:parameter{name}"
        ))
    };
    for variable in SECRETS {
        if let Some(arn) = parameter(variable) {
            grant(&arn, &["ssm:GetParameters"]);
        }
    }
    for action in NAMELESS {
        grant("*", &[action]);
    }
    if own == "Notifications" {
        grant(
            "arn:aws:ses:ap-northeast-1:000000000000:identity/example.com",
            &["ses:SendEmail"],
        );
    }
    wanted
}

/// Each function has a role of its own that allows what it does and nothing else.
pub fn permissions(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let mut taken = BTreeSet::new();
    for function in &template.functions {
        let id = &function.logical_id;
        let role = function
            .role_arn
            .as_ref()
            .and_then(|arn| template.roles.iter().find(|role| role.arn == *arn));
        let Some(role) = role else {
            how.push(format!("{id} has no role of its own"));
            continue;
        };
        if !taken.insert(&role.arn) {
            how.push(format!("{} serves two functions", role.logical_id));
        }
        let mut allowed = BTreeSet::new();
        for permission in &role.permissions {
            for action in &permission.actions {
                allowed.extend(
                    permission
                        .resources
                        .iter()
                        .map(|resource| (action.clone(), resource.clone())),
                );
            }
        }
        let wanted = wanted(template, function);
        how.extend(
            allowed
                .difference(&wanted)
                .map(|(action, on)| format!("{id} may {action} on {on}")),
        );
        how.extend(
            wanted
                .difference(&allowed)
                .map(|(action, on)| format!("{id} may not {action} on {on}")),
        );
    }
    how
}

/// No action and no resource with a wildcard, but for the end of a log group's ARN, which is CloudFormation's own, and
/// where IAM has nothing to name: for traces, and for CodeDeploy, which looks alarms up before it knows which.
pub fn wildcards(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for role in &template.roles {
        for permission in &role.permissions {
            let only = |allowed: &[&str]| {
                permission
                    .actions
                    .iter()
                    .all(|action| allowed.contains(&action.as_str()))
            };
            let named = |resource: &&String| match resource.strip_suffix(":*") {
                None if resource.as_str() == "*" => only(&NAMELESS),
                Some(alarms) if alarms.ends_with(":alarm") => only(&["cloudwatch:DescribeAlarms"]),
                Some(group) if group.contains(":log-group:") => !group.contains('*'),
                Some(_) | None => !resource.contains('*'),
            };
            let wild = permission
                .actions
                .iter()
                .filter(|action| action.contains('*'));
            let wild = wild.chain(
                permission
                    .resources
                    .iter()
                    .filter(|resource| !named(resource)),
            );
            how.extend(wild.map(|wild| format!("{} allows {wild}", role.logical_id)));
        }
    }
    how
}

/// A subscription hands over raw messages of the publisher's own types, and both queues behind it accept its topic and
/// no topic besides.
pub fn subscriptions(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for subscription in &template.subscriptions {
        let id = &subscription.logical_id;
        let topic = template
            .topic_by_arn(&subscription.topic_arn)
            .map_or("none", |topic| topic.logical_id.as_str());
        let publisher = context(topic, "Topic").to_lowercase();
        if !subscription.raw_delivery {
            how.push(format!("{id} delivers SNS's envelope"));
        }
        match subscription.event_types() {
            None => how.push(format!("{id} does not filter by type")),
            Some(types) => {
                let own = |name: &&String| {
                    name.starts_with(&format!("{publisher}.")) && name.ends_with(".v1")
                };
                let foreign = types.iter().filter(|name| !own(name));
                how.extend(
                    foreign
                        .map(|name| format!("{id} waits for {name}, which {topic} never carries")),
                );
            }
        }
    }
    for queue in &template.queues {
        let sends = |subscription: &&Subscription| {
            subscription.queue_arn == queue.arn
                || subscription.dead_letter_queue_arn.as_ref() == Some(&queue.arn)
        };
        let senders: BTreeSet<_> = template
            .subscriptions
            .iter()
            .filter(sends)
            .map(|one| one.topic_arn.clone())
            .collect();
        let policies = template
            .queue_policies
            .iter()
            .filter(|policy| policy.queue_urls.contains(&queue.url));
        let allowed: BTreeSet<_> = policies
            .filter(|policy| policy.queue_arns.contains(&queue.arn))
            .flat_map(|policy| policy.topic_arns.iter().cloned())
            .collect();
        if senders != allowed {
            how.push(format!(
                "{} accepts {allowed:?} and is sent to by {senders:?}",
                queue.logical_id
            ));
        }
    }
    how
}
