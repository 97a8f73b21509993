//! What the provider tells, and what is checked against its books when it does.

use std::sync::Arc;

use contracts::CloudEvent;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::invoke::Trigger;
use super::set_up::SECRETS;
use super::{Hint, World};
use crate::agenda::Due;
use crate::audit::Invariant;
use crate::faults::Fault;
use crate::people::{Caller, Request};
use crate::site::Site;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// How often the provider sends a webhook that is not answered with 2xx.
const WEBHOOK_TRIES: u8 = 6;

impl World {
    /// What payments says to be void is not held any more; and it is noted since when an order is off.
    pub(super) fn check_hold(&mut self, event: &CloudEvent) {
        let order_id = event.subject.as_str();
        match event.event_type.as_str() {
            "orders.OrderCancelled.v1" => {
                let now = self.now();
                let since = self.cancelled_at.entry(order_id.to_owned());
                since.or_insert(now);
            }
            "payments.PaymentVoided.v1" => {
                let parts = self.fabric.parts();
                let mut payments = parts.books.of_order(order_id);
                let is_held = payments.any(crate::provider::Booked::is_held);
                self.audit
                    .findings
                    .check(Invariant::NothingLeaked, !is_held, || {
                        format!(
                            "order {order_id}: {} is said of a hold that stands",
                            event.id
                        )
                    });
            }
            _ => {}
        }
    }

    /// Money is taken only when something of its order has left.
    pub(super) fn check_capture(&mut self, payment: u32) {
        let fabric = Arc::clone(&self.fabric);
        let parts = fabric.parts();
        let booked = &parts.books.payments()[payment as usize];
        let Some(order_id) = booked
            .intent
            .order_id
            .as_ref()
            .filter(|_| booked.captured_minor > 0)
        else {
            return;
        };
        let has_left = self
            .audit
            .shipment(order_id.as_str())
            .is_some_and(|shipment| !shipment.p.is_empty());
        let detail = || format!("order {order_id}: its money was taken and nothing of it has left");
        self.audit
            .findings
            .check(Invariant::CapturedAfterDispatch, has_left, detail);
    }

    /// The provider tells of a change: perhaps twice, late, and so does somebody who is not the provider.
    pub(super) fn hint(&mut self, payment: u32) {
        let told = {
            let parts = self.fabric.parts();
            let plant = parts.plant.as_ref();
            plant.map(|_| parts.books.payments()[payment as usize].intent.clone())
        };
        let mut hints: Vec<(i64, Option<Fault>)> = Vec::with_capacity(1);
        let mut is_doubled = false;
        {
            let mut parts = self.fabric.parts();
            if parts.is_instant {
                hints.push((1_000, None));
            } else {
                let delay =
                    match parts.one_of(&[Fault::WebhookBeforeAnswer, Fault::WebhookReordered]) {
                        Some(Fault::WebhookBeforeAnswer) => 0,
                        Some(_) => parts.dice.between(MINUTE_MS, 20 * MINUTE_MS),
                        None => parts.dice.between(300, 4_000),
                    };
                hints.push((delay, None));
                is_doubled = parts.fires(Fault::WebhookDoubled);
                for fault in [Fault::WebhookForged, Fault::WebhookTooOld] {
                    if parts.fires(fault) {
                        hints.push((delay + parts.dice.between(0, 2_000), Some(fault)));
                    }
                }
            }
        }
        for (delay, fault) in hints {
            let number = self.hints.len() as u32;
            let mut told = told.clone();
            if let Some(told) = told
                .as_mut()
                .filter(|_| fault == Some(Fault::WebhookForged))
            {
                told.phase = payments::provider::Phase::Captured;
            }
            self.hints.push(Hint {
                payment,
                fault,
                told,
            });
            self.later(delay, Due::Webhook(number, 0));
            if is_doubled && fault.is_none() {
                self.later(delay + 40, Due::Webhook(number, 0));
            }
        }
    }

    pub(super) fn send_webhook(&mut self, number: u32, tries: u8) {
        let Hint { payment, fault, .. } = self.hints[number as usize];
        let plant = self.fabric.parts().plant.clone();
        let unchecked = plant
            .as_ref()
            .is_some_and(|plant| !plant.checks_signatures());
        let body = format!(
            "{{\"id\":\"evt_{number}\",\"object\":\"event\",\"type\":\"payment_intent.updated\",\
             \"data\":{{\"object\":{{\"id\":\"pi_{payment}\",\"object\":\"payment_intent\"}}}}}}"
        );
        let age_seconds = if fault == Some(Fault::WebhookTooOld) && !unchecked {
            900
        } else {
            0
        };
        let seconds = self.now() / 1000 - age_seconds;
        let secret = match fault {
            Some(Fault::WebhookForged) if !unchecked => "whsec_somebody_else",
            _ => SECRETS[usize::from(number % 2 == 1)],
        };
        let signature = signature(secret, seconds, &body);
        let request = Request::new(
            Site::Payments,
            "POST",
            "/api/payments/webhook",
            Caller::Nobody,
        )
        .header("stripe-signature", format!("t={seconds},v1={signature}"))
        .body(body);
        self.serial += 1;
        let payload = request.payload(self.serial);
        let payload = match plant {
            Some(plant) => plant.on_request(Site::Payments, payload),
            None => payload,
        };
        self.invoke(Site::Payments, Trigger::Webhook(number, tries), payload);
    }

    pub(super) fn webhook_answered(&mut self, number: u32, tries: u8, status: Option<u16>) {
        let fault = self.hints[number as usize].fault;
        if fault.is_some() {
            let refused = status.is_none_or(|status| status == 400);
            self.audit
                .findings
                .check(Invariant::AnswersMakeSense, refused, || {
                    format!("a webhook ({fault:?}) was answered with {status:?}")
                });
            return;
        }
        if status == Some(200) || tries >= WEBHOOK_TRIES {
            return;
        }
        self.later(MINUTE_MS << tries, Due::Webhook(number, tries + 1));
    }

    pub(super) fn hold_ends(&mut self, payment: u32) {
        let effects = {
            let mut parts = self.fabric.parts();
            let parts = &mut *parts;
            let mut effects = Vec::new();
            if parts.books.let_go(parts.now, payment, &mut effects) {
                parts.fired.count(Fault::HoldExpired);
                let order_id = parts.books.payments()[payment as usize]
                    .intent
                    .order_id
                    .as_ref();
                let since = order_id.and_then(|id| self.cancelled_at.get(id.as_str()));
                let left_over = since.is_some_and(|since| parts.now - since > 3 * DAY_MS);
                self.audit
                    .findings
                    .check(Invariant::NothingLeaked, !left_over, || {
                        format!("order {order_id:?} was cancelled long ago, and its hold was left to lapse")
                    });
            }
            effects
        };
        for effect in effects {
            self.take_effect(effect);
        }
    }
}

fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
