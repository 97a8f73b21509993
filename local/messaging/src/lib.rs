//! SNS and SQS on this machine
