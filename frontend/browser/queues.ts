/** What a test puts into a queue itself, past the topics: the local stack answers SQS's own protocol. */

/** Sends a message to a context's queue, as its topic would have. */
export async function sendTo(aws: string, queue: string, message: unknown): Promise<void> {
  const { QueueUrls = [] } = (await call(aws, 'ListQueues', {})) as { QueueUrls?: string[] };
  const url = QueueUrls.find((one) => one.split('/').pop()?.replace(/^noren-/, '').startsWith(queue));
  if (!url) throw new Error(`no queue is called ${queue}; there are ${QueueUrls.join(', ')}`);
  await call(aws, 'SendMessage', { QueueUrl: url, MessageBody: typeof message === 'string' ? message : JSON.stringify(message) });
}

async function call(aws: string, action: string, body: unknown): Promise<unknown> {
  const response = await fetch(aws, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `AmazonSQS.${action}`,
      // Nothing verifies it; the region and the service are read from it.
      Authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/ap-northeast-1/sqs/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${action}: ${response.status} ${text}`);
  return JSON.parse(text) as unknown;
}
