//! Parsers, by themselves: events, cursors, signatures, instants, identifiers, amounts, triggers.

use contracts::{CloudEvent, EventData};
use door::Trigger;
use identifiers::{
    CorrelationId, CustomerId, LocationId, MessageId, OrderId, ProductId, Region, Sku, Timestamp,
};
use money::{Currency, Money, PriceTaxation, TaxClass, summarise};
use payments::signature::{TOLERANCE_SECONDS, verify};
use proptest::prelude::*;
use store::{
    Cursor, Index, Indexed, Key, MemoryStore, Projection, Query, Record, SortCondition, Store as _,
    due_index,
};

use crate::call::Call;
use crate::call::NOW_MILLISECONDS;
use crate::corpus::{cases, events, inputs, payloads, seeds, texts};
use crate::world::{CONTEXTS, sign};

/// Reads the data as one event type, and if that can be read, writes it and reads it again.
fn round_trip<E: EventData>(event: &CloudEvent) -> Result<(), TestCaseError> {
    if let Ok(data) = event.data::<E>() {
        let text = serde_json::to_string(&data).unwrap();
        let again: E = serde_json::from_str(&text)
            .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
    Ok(())
}

fn every_payload() -> Vec<Vec<u8>> {
    CONTEXTS.into_iter().flat_map(payloads).collect()
}

const SHELF: Index = Index {
    name: "shelf",
    partition: "category",
    sort: "title",
    projection: Projection::All,
};

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn an_event_is_read_or_refused(text in texts([events(), seeds("event")].concat())) {
        if let Ok(event) = CloudEvent::read(&text) {
            prop_assert_eq!(&event.specversion, "1.0");
            let json = event.to_json();
            let again = CloudEvent::read(&json);
            prop_assert!(again.is_ok(), "{json}");
            prop_assert_eq!(again.unwrap().to_json(), json);
            round_trip::<contracts::catalog::ProductPublished>(&event)?;
            round_trip::<contracts::inventory::StockReservationFailed>(&event)?;
            round_trip::<contracts::orders::OrderPlaced>(&event)?;
            round_trip::<contracts::orders::PaymentRequested>(&event)?;
            round_trip::<contracts::payments::PaymentRefunded>(&event)?;
            round_trip::<contracts::shipping::ShipmentDispatched>(&event)?;
        }
    }

    #[test]
    fn a_payload_is_a_trigger_or_refused(bytes in inputs([every_payload(), seeds("trigger")].concat())) {
        match Trigger::read(&bytes) {
            Ok(_) => {}
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn a_cursor_is_read_or_refused_and_no_query_fails_for_it(text in texts(seeds("cursor"))) {
        let Ok(cursor) = Cursor::from_text(&text) else { return Ok(()) };
        let text = cursor.to_text();
        prop_assert_eq!(Cursor::from_text(&text), Ok(cursor.clone()));
        let _ = cursor.key();
        let store = MemoryStore::new(&[due_index(), SHELF]);
        let number = SortCondition::AtMost(Indexed::Number(7));
        let queries = [
            Query::of_partition("tea", 2),
            Query::of_index(SHELF, "tea", 2),
            Query { descending: true, ..Query::of_index(SHELF, "tea", 2) },
            Query { sort: Some(number), ..Query::of_index(due_index(), "0", 2) },
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for query in queries {
            let resumed = query.clone().resume(cursor.clone());
            let asked = Query { after: Some(cursor.clone()), ..query };
            let page = runtime.block_on(store.query(&asked));
            prop_assert_eq!(resumed.is_ok(), page.is_ok(), "{:?}", asked);
        }
    }

    #[test]
    fn a_page_s_own_cursor_always_goes_on(
        pk in "[a-z#:]{1,20}",
        sks in proptest::collection::btree_set(".{1,30}", 2..6),
        titles in proptest::collection::vec(".{1,40}", 6),
        due in proptest::collection::vec(any::<i64>(), 6),
        descending in any::<bool>(),
    ) {
        let store = MemoryStore::new(&[due_index(), SHELF]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (position, sk) in sks.iter().enumerate() {
            let text = |text: &str| Indexed::Text(text.to_owned());
            let indexed = [
                ("category", text("tea")), ("title", text(&titles[position])),
                ("due_shard", text("0")), ("due_at", Indexed::Number(due[position])),
            ];
            let record = Record {
                key: Key::new(&pk, sk),
                version: 1,
                indexed: indexed.map(|(name, value)| (name.to_owned(), value)).into(),
                ..Record::default()
            };
            runtime.block_on(store.commit(&record, store::Expected::Absent)).unwrap();
        }
        for query in [Query::of_partition(&pk, 1), Query::of_index(SHELF, "tea", 1), Query::of_index(due_index(), "0", 1)] {
            let mut found = 0;
            let mut query = Query { descending, ..query };
            loop {
                let page = runtime.block_on(store.query(&query)).unwrap();
                found += page.records.len();
                let Some(next) = page.next else { break };
                let question = Query { after: None, ..query };
                query = question.resume_at(Some(&next.to_text())).map_err(|error| TestCaseError::fail(error.to_string()))?;
            }
            prop_assert_eq!(found, sks.len());
        }
    }

    #[test]
    fn a_signature_is_of_its_body_alone(
        header in texts(seeds("signature")),
        body in inputs([events(), seeds("webhook")].concat()),
        changed in inputs(seeds("webhook")),
    ) {
        let secrets = vec!["whsec_test".to_owned(), "whsec_other".to_owned()];
        let now = Timestamp::from_milliseconds(NOW_MILLISECONDS);
        let signed = sign(Call::new("POST", "/"), &body);
        let own = signed.headers[0].1.clone();
        prop_assert!(verify(&secrets, &own, &body, now).is_ok());
        prop_assert_eq!(verify(&secrets, &own, &changed, now).is_ok(), changed == body);
        for seconds in [TOLERANCE_SECONDS + 1, -TOLERANCE_SECONDS - 1] {
            prop_assert!(verify(&secrets, &own, &body, now.plus_seconds(seconds)).is_err());
        }
        // No secret of ours has signed it: whatever the header says, it is not believed.
        prop_assert!(verify(&secrets, &header, &body, now).is_err());
    }

    #[test]
    fn an_instant_is_read_or_refused(text in texts(seeds("instant"))) {
        if let Ok(instant) = text.parse::<Timestamp>() {
            let written = instant.to_string();
            prop_assert_eq!(written.parse::<Timestamp>(), Ok(instant), "{}", written);
            let _ = instant.plus_seconds(i64::MAX).to_string();
            let _ = instant.plus_seconds(i64::MIN).seconds();
        }
    }

    #[test]
    fn an_identifier_is_harmless_or_refused(text in texts(seeds("identifier"))) {
        let harmless = |taken: &str| {
            !taken.is_empty() && taken.len() <= 160 && taken == text
                && taken.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
                && taken.as_bytes()[0].is_ascii_alphanumeric()
        };
        macro_rules! check {
            ($($kind:ident),+) => { $(
                if let Ok(taken) = $kind::new(text.as_str()) {
                    prop_assert!(harmless(taken.as_str()));
                }
                let json = serde_json::to_string(&text).unwrap();
                let read = serde_json::from_str::<$kind>(&json).ok();
                prop_assert_eq!(read, $kind::new(text.as_str()).ok());
            )+ };
        }
        check!(OrderId, CustomerId, ProductId, Sku, LocationId, Region, MessageId, CorrelationId);
    }

    #[test]
    fn an_amount_is_read_or_refused_and_no_sum_wraps(text in texts(seeds("money")), quantity in any::<u32>()) {
        if let Ok(amount) = serde_json::from_str::<Money>(&text) {
            let exact = i128::from(amount.amount_minor) * i128::from(quantity);
            prop_assert_eq!(amount.times(quantity).map(|product| i128::from(product.amount_minor)).ok(), i64::try_from(exact).ok().map(i128::from));
            let _ = amount.to_string();
            for taxation in [PriceTaxation::Inclusive, PriceTaxation::Exclusive] {
                for class in [TaxClass::Standard, TaxClass::Reduced, TaxClass::Exempt] {
                    if let Ok(summary) = summarise([(class, amount), (TaxClass::Standard, amount)], taxation, amount.currency) {
                        let lines: i128 = summary.lines.iter().map(|line| i128::from(line.net_minor) + i128::from(line.tax_minor)).sum();
                        prop_assert_eq!(lines, i128::from(summary.total.amount_minor));
                    }
                }
            }
        }
        let _ = text.parse::<Currency>();
    }
}
