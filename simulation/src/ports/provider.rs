//! The payment provider's API: takes its time, is not always there, and repeats what it stored under a key.

use std::sync::Arc;

use identifiers::OrderId;
use payments::provider::{Authorisation, Intent, Phase, Provider, ProviderFailure, RefundWish};

use crate::fabric::{Fabric, Parts, Port};
use crate::faults::Fault;
use crate::planted::{Charge, Charged};
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
            let plant = parts.plant.clone();
            let key = match &plant {
                Some(plant) => plant.on_provider_key(key),
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
            let answer = books.keyed(*now, &key, wish, fails_stored, dice, effects);
            match &answer {
                Ok(Answered::Intent(intent))
                    if matches!(intent.phase, Phase::Held { .. })
                        && plant.as_ref().is_some_and(|plant| plant.captures_at_once()) =>
                {
                    let key = format!("{key}:at once");
                    let wish = Wish::Capture(&intent.intent_id);
                    books.keyed(*now, &key, wish, None, dice, effects)
                }
                _ => answer,
            }
        };
        self.0.end(fate).await;
        match fate.fault {
            Some(Fault::ProviderTimeoutDone | Fault::ProviderFailureStored) => Err(no_answer()),
            _ => answer,
        }
    }

    async fn change(&self, charge: Charge, wish: Wish<'_>, key: &str) -> Charged {
        let (plant, before) = {
            let parts = self.0.parts();
            let before = match wish {
                Wish::Capture(intent_id) | Wish::Void(intent_id) if parts.plant.is_some() => {
                    parts.books.intent(intent_id)
                }
                Wish::Authorise(_) | Wish::Capture(_) | Wish::Void(_) | Wish::Refund(_) => None,
            };
            (parts.plant.clone(), before)
        };
        if let (Some(plant), Some(before)) = (&plant, &before)
            && !plant.makes(charge)
        {
            let phase = match charge {
                Charge::Authorise => before.phase.clone(),
                Charge::Capture => Phase::Captured,
                Charge::Void => Phase::Cancelled,
            };
            let before = before.clone();
            return Ok(Intent { phase, ..before });
        }
        let answer = match self.charge(wish, key).await {
            Ok(Answered::Intent(intent)) => Ok(intent),
            Ok(Answered::Refund(_)) => Err(ProviderFailure::KeyBurnt),
            Err(failure) => Err(failure),
        };
        match plant {
            Some(plant) => plant.on_charged(charge, before.as_ref(), answer),
            None => answer,
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
        self.change(Charge::Authorise, Wish::Authorise(*wish), wish.key)
            .await
    }

    async fn capture(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.change(Charge::Capture, Wish::Capture(intent_id), key)
            .await
    }

    async fn void(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.change(Charge::Void, Wish::Void(intent_id), key).await
    }

    async fn refund(&self, wish: &RefundWish<'_>) -> Result<String, ProviderFailure> {
        match self.charge(Wish::Refund(*wish), wish.key).await? {
            Answered::Refund(refund_id) => Ok(refund_id),
            Answered::Intent(_) => Err(ProviderFailure::KeyBurnt),
        }
    }

    async fn look(&self, intent_id: &str) -> Result<Option<Intent>, ProviderFailure> {
        self.see(|parts| {
            let found = parts.books.intent(intent_id);
            match &parts.plant {
                Some(plant) => {
                    let running = parts.running.as_ref();
                    plant.on_look(running.and_then(|running| running.told.as_ref()), found)
                }
                None => found,
            }
        })
        .await
    }

    async fn find(
        &self,
        order_id: &OrderId,
        attempt: u32,
    ) -> Result<Option<Intent>, ProviderFailure> {
        self.see(|parts| {
            let found = parts.books.search(parts.now, order_id, attempt);
            match &parts.plant {
                Some(plant) => plant.on_find(found),
                None => found,
            }
        })
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
