//! DynamoDB and its streams on this machine
