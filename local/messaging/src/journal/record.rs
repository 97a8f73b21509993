//! One transaction: the changes of a group of submissions as rows.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};

use super::{Change, Submission};
use crate::message::Message;

pub(super) fn write(connection: &mut Connection, group: &[Submission]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changes = || group.iter().flat_map(|submission| &submission.changes);
    // A message received and deleted within one group needs no note of its receive.
    let removed: HashSet<u64> = changes()
        .filter_map(|change| {
            if let Change::Remove { sequence } = change {
                Some(*sequence)
            } else {
                None
            }
        })
        .collect();
    for change in changes() {
        let moot =
            matches!(change, Change::Received { sequence, .. } if removed.contains(sequence));
        if !moot {
            write_change(&transaction, change)?;
        }
    }
    transaction.commit()
}

fn write_change(transaction: &Transaction<'_>, change: &Change) -> rusqlite::Result<()> {
    let run =
        |sql: &str| -> rusqlite::Result<CachedStatement<'_>> { transaction.prepare_cached(sql) };
    match change {
        Change::PutQueue { id, name, attributes, tags, created_ms, modified_ms } => run(
            "INSERT INTO queues (id, name, attributes, tags, created_ms, modified_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET attributes = ?3, tags = ?4, modified_ms = ?6",
        )?
        .execute(params![id, name, json(attributes)?, json(tags)?, created_ms, modified_ms]),
        Change::DeleteQueue { id } => {
            run("DELETE FROM messages WHERE queue = ?1")?.execute([id])?;
            run("DELETE FROM queues WHERE id = ?1")?.execute([id])
        }
        Change::PutTopic { name, attributes, tags } => run(
            "INSERT INTO topics (name, attributes, tags) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET attributes = ?2, tags = ?3",
        )?
        .execute(params![name, json(attributes)?, json(tags)?]),
        Change::DeleteTopic { name } => {
            run("DELETE FROM subscriptions WHERE topic = ?1")?.execute([name])?;
            run("DELETE FROM topics WHERE name = ?1")?.execute([name])
        }
        Change::PutSubscription { arn, topic, endpoint, attributes } => run(
            "INSERT INTO subscriptions (arn, topic, endpoint, attributes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (arn) DO UPDATE SET attributes = ?4",
        )?
        .execute(params![arn, topic, endpoint, json(attributes)?]),
        Change::DeleteSubscription { arn } => run("DELETE FROM subscriptions WHERE arn = ?1")?.execute([arn]),
        Change::Add { queue, message } => add(transaction, *queue, message),
        Change::Received { sequence, receive_count, receives_here, first_received_ms } => run(
            "UPDATE messages SET receive_count = ?2, receives_here = ?3, first_received_ms = ?4 WHERE sequence = ?1",
        )?
        .execute(params![sequence.cast_signed(), receive_count, receives_here, first_received_ms]),
        Change::Redrive { queue, message } => run(
            "UPDATE messages SET queue = ?2, receives_here = ?3, dead_letter_source = ?4, delayed_until_ms = ?5
             WHERE sequence = ?1",
        )?
        .execute(params![
            message.sequence.cast_signed(),
            queue,
            message.receives_here,
            message.dead_letter_source.as_deref(),
            message.delayed_until_ms
        ]),
        Change::Remove { sequence } => {
            run("DELETE FROM messages WHERE sequence = ?1")?.execute([sequence.cast_signed()])
        }
        Change::Purge { queue } => run("DELETE FROM messages WHERE queue = ?1")?.execute([queue]),
    }?;
    Ok(())
}

fn add(transaction: &Transaction<'_>, queue: i64, message: &Message) -> rusqlite::Result<usize> {
    let content = &message.content;
    let attributes = if content.attributes.is_empty() {
        None
    } else {
        Some(json(&content.attributes)?)
    };
    transaction
        .prepare_cached(
            "INSERT INTO messages (sequence, queue, message_id, body, attributes, trace_header, group_id, sent_ms,
               delayed_until_ms, receive_count, receives_here, first_received_ms, dead_letter_source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            message.sequence.cast_signed(),
            queue,
            message.message_id.as_bytes(),
            content.body,
            attributes,
            content.trace_header,
            content.group_id,
            message.sent_ms,
            message.delayed_until_ms,
            message.receive_count,
            message.receives_here,
            message.first_received_ms,
            message.dead_letter_source.as_deref()
        ])
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
