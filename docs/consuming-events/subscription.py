"""A queue of one's own, with a dead-letter queue, subscribed to the topics that carry what one wants to hear.

Everything here may be done again: what is there already is found and brought up to date.
"""

import json
import re

DAY = 24 * 60 * 60
# A message is dead after so many receives that ended without its deletion.
MAX_RECEIVES = 5


class Queue:
    """The queue, subscribed."""

    def __init__(self, session, endpoint, name, topics):
        """`topics` are the event types wanted of each topic, by the topic's name."""
        self._sqs = session.client("sqs", endpoint_url=endpoint)
        self._sns = session.client("sns", endpoint_url=endpoint)
        arns = self._find(topics)
        # Dead letters are kept longer than messages: they keep the age that they had.
        self._dead_letters, dead_letters_arn = self._make(f"{name}-dead-letters", 14 * DAY, {}, list(arns))
        redrive = {"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": MAX_RECEIVES}
        attributes = {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(redrive)}
        self._url, queue_arn = self._make(name, 4 * DAY, attributes, list(arns))
        for topic_arn, event_types in arns.items():
            self._subscribe(topic_arn, queue_arn, event_types, dead_letters_arn)

    def _find(self, topics):
        """The event types wanted, by the topic's ARN. CloudFormation appends letters to a topic's name."""
        pages = self._sns.get_paginator("list_topics").paginate()
        present = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
        found = {}
        for name, event_types in topics.items():
            pattern = re.compile(rf".*:{re.escape(name)}(-[A-Za-z0-9]{{12}})?")
            arns = [arn for arn in present if pattern.fullmatch(arn)]
            if len(arns) != 1:
                raise SystemExit(f"there should be one topic {name}, and there are {len(arns)}")
            found[arns[0]] = event_types
        return found

    def _make(self, name, retention_seconds, attributes, topic_arns):
        """A queue that those topics may send to; its URL and ARN."""
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arns}},
            }],
        }
        attributes = {
            **attributes, "MessageRetentionPeriod": str(retention_seconds), "Policy": json.dumps(policy),
        }
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        return url, arn

    def _subscribe(self, topic_arn, queue_arn, event_types, dead_letters_arn):
        attributes = {
            "RawMessageDelivery": "true",
            "FilterPolicyScope": "MessageAttributes",
            "FilterPolicy": json.dumps({"type": event_types}),
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letters_arn}),
        }
        pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        present = [one for page in pages for one in page["Subscriptions"] if one["Endpoint"] == queue_arn]
        if not present:
            self._sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes=attributes)
            return
        for name, value in attributes.items():
            self._sns.set_subscription_attributes(
                SubscriptionArn=present[0]["SubscriptionArn"], AttributeName=name, AttributeValue=value,
            )

    def receive(self):
        """Up to ten messages; waits twenty seconds for the first."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        return answer.get("Messages", [])

    def acknowledge(self, message):
        """Deletes a message that has been dealt with. Should this fail, it comes again, and is known by its id."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def bury(self, message, reason):
        """Puts a message among the dead letters, with the reason, and only then deletes it."""
        attributes = {"reason": {"DataType": "String", "StringValue": reason[:1000]}}
        self._sqs.send_message(
            QueueUrl=self._dead_letters, MessageBody=message["Body"], MessageAttributes=attributes,
        )
        self.acknowledge(message)
