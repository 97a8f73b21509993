//! The payment provider's API: takes its time, is not always there, and repeats what it stored under a key.

use std::sync::Arc;

use identifiers::OrderId;
use payments::provider::{Authorisation, Intent, Provider, ProviderFailure, RefundWish};

use crate::fabric::{Fabric, Parts, Port};
use crate::faults::Fault;
use crate::provider::{Answered, Wish};

/// The provider, as the payments context calls it.
#[derive(Debug)]
pub struct WorldProvider(pub Arc<Fabric>);

fn no_answer() -> ProviderFailure {
    ProviderFailure::Unreachable("no answer".to_owned())
}

impl WorldProvider {
    /// Makes a call that changes something, under its key.
    async fn charge(&self, wish: Wish<'_>, key: &str) -> Result<Answered, ProviderFailure> {
        let fate = self.0.begin(Port::Charge).await;
        if matches!(
            fate.fault,
            Some(Fault::ProviderDownHour | Fault::ProviderTimeoutNotDone)
        ) {
            return Err(no_answer());
        }
        let answer = {
            let mut parts = self.0.parts();
            let key = match &parts.plant {
                Some(plant) => plant.clone().on_provider_key(key),
                None => key.to_owned(),
            };
            let Parts {
                books,
                dice,
                effects,
                now,
                ..
            } = &mut *parts;
            let fails_stored =
                (fate.fault == Some(Fault::ProviderFailureStored)).then(|| dice.below(2) == 0);
            books.keyed(*now, &key, wish, fails_stored, dice, effects)
        };
        self.0.end(fate).await;
        match fate.fault {
            Some(Fault::ProviderTimeoutDone | Fault::ProviderFailureStored) => Err(no_answer()),
            _ => answer,
        }
    }

    async fn change(&self, wish: Wish<'_>, key: &str) -> Result<Intent, ProviderFailure> {
        match self.charge(wish, key).await? {
            Answered::Intent(intent) => Ok(intent),
            Answered::Refund(_) => Err(ProviderFailure::KeyBurnt),
        }
    }

    async fn see<T>(&self, look: impl FnOnce(&Parts) -> T) -> Result<T, ProviderFailure> {
        let fate = self.0.begin(Port::Look).await;
        if fate.fault.is_some() {
            return Err(no_answer());
        }
        let seen = look(&self.0.parts());
        self.0.end(fate).await;
        Ok(seen)
    }
}

impl Provider for WorldProvider {
    async fn authorise(&self, wish: &Authorisation<'_>) -> Result<Intent, ProviderFailure> {
        self.change(Wish::Authorise(*wish), wish.key).await
    }

    async fn capture(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.change(Wish::Capture(intent_id), key).await
    }

    async fn void(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.change(Wish::Void(intent_id), key).await
    }

    async fn refund(&self, wish: &RefundWish<'_>) -> Result<String, ProviderFailure> {
        match self.charge(Wish::Refund(*wish), wish.key).await? {
            Answered::Refund(refund_id) => Ok(refund_id),
            Answered::Intent(_) => Err(ProviderFailure::KeyBurnt),
        }
    }

    async fn look(&self, intent_id: &str) -> Result<Option<Intent>, ProviderFailure> {
        self.see(|parts| parts.books.intent(intent_id)).await
    }

    async fn find(
        &self,
        order_id: &OrderId,
        attempt: u32,
    ) -> Result<Option<Intent>, ProviderFailure> {
        self.see(|parts| parts.books.search(parts.now, order_id, attempt))
            .await
    }

    async fn find_refund(
        &self,
        intent_id: &str,
        number: u32,
    ) -> Result<Option<String>, ProviderFailure> {
        self.see(|parts| parts.books.refund_of(intent_id, number))
            .await
    }
}
