//! An outage of the provider, switched on and off while it runs: by `POST /stand-in/outage/down`, `/rough` or `/over`.
//! Owns what then happens to each API request; not the faults that a host plans itself, which come first.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::fault::Verdict;
use crate::refusal::Refusal;
use crate::stand_in::StandIn;

/// How the provider is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// It is not.
    Over,
    /// Every request gets a 503 and nothing is done.
    Down,
    /// As outages mostly are: of ten requests six get a 503 and two a 500, and nothing is done; one is done and gets a
    /// 504; one is done and gets a 500, which is stored under its key.
    Rough,
}

impl Manner {
    const ALL: [(&'static str, Self); 3] = [
        ("over", Self::Over),
        ("down", Self::Down),
        ("rough", Self::Rough),
    ];
}

/// Whether the provider is out of order, and how.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// A place in [`Manner::ALL`].
    manner: AtomicU8,
    /// Requests that met one, since the start.
    met: AtomicU64,
}

impl Outage {
    /// The fate of the next request.
    pub(crate) fn verdict(&self) -> Verdict {
        let place = usize::from(self.manner.load(Ordering::Relaxed));
        match Manner::ALL[place].1 {
            Manner::Over => Verdict::Proceed,
            Manner::Down => {
                self.met.fetch_add(1, Ordering::Relaxed);
                Verdict::Down
            }
            Manner::Rough => match self.met.fetch_add(1, Ordering::Relaxed) % 10 {
                2 => Verdict::TimeOutAfterDoing,
                4 | 9 => Verdict::Fail500BeforeDoing,
                7 => Verdict::Fail500,
                _ => Verdict::Down,
            },
        }
    }

    /// Begins or ends one; false where there is no such manner.
    fn set(&self, name: &str) -> bool {
        let place = (0..)
            .zip(Manner::ALL)
            .find(|(_, (known, _))| *known == name);
        let Some((place, _)) = place else {
            return false;
        };
        self.manner.store(place, Ordering::Relaxed);
        true
    }
}

/// Begins or ends an outage.
pub(crate) async fn switch(
    State(stand_in): State<StandIn>,
    Path(manner): Path<String>,
) -> Response {
    match stand_in.inner.outage.set(&manner) {
        true => {
            let met = stand_in.inner.outage.met.load(Ordering::Relaxed);
            axum::Json(json!({ "outage": manner, "requests_that_met_it": met })).into_response()
        }
        false => {
            let message = format!("An outage is down, rough or over, not {manner}.");
            let refusal = Refusal::malformed(400, message);
            (http::StatusCode::BAD_REQUEST, axum::Json(refusal.body())).into_response()
        }
    }
}
