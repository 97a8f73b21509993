//! What must hold of every order once all is quiet, by the contexts' own doors and the payment provider's own ledger.

use std::collections::{BTreeMap, BTreeSet};

use payment_stand_in::LedgerEntry;
use serde_json::Value;

use super::Shop;

fn sum(entries: &[&LedgerEntry], of: fn(&LedgerEntry) -> i64) -> i64 {
    entries.iter().map(|entry| of(entry)).sum()
}

impl Shop {
    /// Checks all orders that were placed, and all SKUs that are sold.
    pub(super) async fn check_invariants(&self) {
        let orders = self.orders.lock().unwrap().clone();
        let ledger = self.stack.stand_in().ledger().unwrap();
        for entry in &ledger {
            let order_id = entry.order_id.as_deref().unwrap_or_default();
            assert!(
                orders.contains(order_id),
                "a charge without an order: {entry:?}"
            );
        }
        let mut taken = BTreeMap::new();
        for order_id in &orders {
            let order = self.order(order_id).await;
            let entries = ledger
                .iter()
                .filter(|entry| entry.order_id.as_ref() == Some(order_id));
            self.check_money(&order, &entries.collect::<Vec<_>>()).await;
            self.check_reservation(&order, &mut taken).await;
        }
        let skus = self.skus.lock().unwrap().clone();
        for sku in &skus {
            self.check_stock(sku, taken.get(sku).copied().unwrap_or_default())
                .await;
        }
        self.check_mails();
    }

    async fn check_money(&self, order: &Value, entries: &[&LedgerEntry]) {
        let authorised = sum(entries, |entry| entry.amount_authorised_minor);
        let captured = sum(entries, |entry| entry.amount_captured_minor);
        let refunded = sum(entries, |entry| entry.amount_refunded_minor);
        assert!(
            refunded <= captured && captured <= authorised,
            "{order} {entries:?}"
        );
        assert_eq!(
            sum(entries, |entry| entry.amount_held_minor),
            0,
            "{order} {entries:?}"
        );
        let mut attempts = BTreeSet::new();
        for entry in entries
            .iter()
            .filter(|entry| entry.amount_authorised_minor > 0)
        {
            assert!(
                attempts.insert(&entry.attempt),
                "authorised twice: {entries:?}"
            );
        }
        match order["status"].as_str() {
            Some("completed") => assert_eq!(captured, order["total"]["amount_minor"], "{order}"),
            Some("cancelled") => assert_eq!(captured, refunded, "{order} {entries:?}"),
            _ => panic!("the order has not come to its end: {order}"),
        }
        let order_id = order["order_id"].as_str().unwrap();
        match self
            .look_up(&format!("/api/operator/payments/{order_id}"))
            .await
        {
            None => assert!(entries.is_empty(), "{order} {entries:?}"),
            Some(payment) => {
                let own = |name: &str| payment[name]["amount_minor"].as_i64().unwrap_or_default();
                assert_eq!(
                    (own("captured"), own("refunded")),
                    (captured, refunded),
                    "{payment}"
                );
            }
        }
    }

    async fn check_reservation(&self, order: &Value, taken: &mut BTreeMap<String, i64>) {
        let order_id = order["order_id"].as_str().unwrap();
        let reservation = self
            .look_up(&format!("/api/operator/reservations/{order_id}"))
            .await;
        let completed = order["status"] == "completed";
        let Some(reservation) = reservation else {
            assert!(!completed, "{order} has no reservation");
            return;
        };
        let ends: &[&str] = if completed {
            &["consumed"]
        } else {
            &["released", "failed"]
        };
        let status = reservation["status"].as_str().unwrap();
        assert!(ends.contains(&status), "{order} {reservation}");
        for line in reservation["lines"].as_array().unwrap() {
            let consumed = line["consumed"].as_i64().unwrap();
            let expected = if completed {
                line["quantity"].as_i64().unwrap()
            } else {
                0
            };
            assert_eq!(
                (line["held"].as_i64(), consumed),
                (Some(0), expected),
                "{reservation}"
            );
            let sku = line["sku"].as_str().unwrap().to_owned();
            *taken.entry(sku).or_default() += consumed;
        }
        let quantity = |lines: &Value| -> i64 {
            let lines = lines.as_array().unwrap().iter();
            lines.map(|line| line["quantity"].as_i64().unwrap()).sum()
        };
        if completed {
            assert_eq!(
                quantity(&reservation["lines"]),
                quantity(&order["lines"]),
                "{order}"
            );
        }
    }

    async fn check_stock(&self, sku: &str, taken: i64) {
        let stock = self.look_up(&format!("/api/operator/stock/{sku}")).await;
        let stock = stock.unwrap_or_else(|| panic!("{sku} is not known"));
        let mut received = 0;
        for location in stock["locations"].as_array().unwrap() {
            let available = location["available"].as_i64().unwrap();
            assert!(available >= 0, "{stock}");
            received += location["received"].as_i64().unwrap() - available;
        }
        assert_eq!(
            received, taken,
            "what came in is neither there nor with customers: {stock}"
        );
    }

    /// Nobody is told the same thing twice.
    fn check_mails(&self) {
        let filter = local_mail::Filter {
            limit: usize::MAX >> 1,
            ..local_mail::Filter::default()
        };
        let mut told = BTreeSet::new();
        for mail in self.stack.mail().messages(&filter).unwrap() {
            let words = format!("{:?} {} {:?}", mail.to, mail.subject, mail.text);
            assert!(told.insert(words.clone()), "told twice: {words}");
        }
    }
}
