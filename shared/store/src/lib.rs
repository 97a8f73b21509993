//! The storage trait, on DynamoDB and in memory
