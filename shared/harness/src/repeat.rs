//! What an `Idempotency-Key` promises, held against a route: the same request again does nothing, another one under the
//! same key is refused, and a request that was refused or failed has not used the key up.

use std::collections::BTreeMap;

use door::Context;
use futures::future::join_all;
use serde_json::Value;

use crate::{Answer, Harness, Request};

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/// Whether a repeat was told the same as the first request. Of three at once any may be the first.
type IsSame = fn(&Answer, &Answer) -> bool;

impl<C: Context> Harness<C> {
    /// Sends the request under a key of its own: first one that cannot be understood, then the request three times at
    /// once, then again, then the other body under the same key. Returns what a repeat was answered.
    ///
    /// # Panics
    /// When the key does not hold what it promises.
    pub async fn holds_key(&self, request: &Request, other_body: &Value) -> Answer {
        self.holds_key_named(KEY, request, other_body).await
    }

    /// The same under that key.
    ///
    /// # Panics
    /// When the key does not hold what it promises.
    pub async fn holds_key_named(
        &self,
        key: &str,
        request: &Request,
        other_body: &Value,
    ) -> Answer {
        self.holds(key, request, other_body, Answer::eq).await
    }

    /// The same for a route that was published so: 201 says that it made something, and 200 that it had made it before.
    ///
    /// # Panics
    /// When the key does not hold what it promises.
    pub async fn holds_key_that_tells_a_repeat(
        &self,
        request: &Request,
        other_body: &Value,
    ) -> Answer {
        let is_same: IsSame = |one, other| {
            let statuses = [one.status, other.status];
            one.body == other.body && statuses.iter().all(|status| matches!(status, 200 | 201))
        };
        let again = self.holds(KEY, request, other_body, is_same).await;
        assert_eq!(again.status, 200, "{again:?}");
        again
    }

    async fn holds(
        &self,
        key: &str,
        request: &Request,
        other_body: &Value,
        is_same: IsSame,
    ) -> Answer {
        let keyed = request.clone().header("Idempotency-Key", key);
        let before = self.versions();
        // What takes no body has none that makes no sense.
        if request.has_body() {
            let senseless = keyed.clone().json(&Value::from("senseless"));
            let refused = self.http(&senseless).await;
            assert!((400..500).contains(&refused.status), "{refused:?}");
        }
        assert_eq!(self.versions(), before, "a refused request wrote something");

        let answers = join_all((0..3).map(|_| self.http(&keyed))).await;
        for answer in &answers {
            assert!((200..300).contains(&answer.status), "{answer:?}");
            assert!(
                is_same(answer, &answers[0]),
                "{answer:?}, not {:?}",
                answers[0]
            );
        }
        let done = self.versions();
        assert_ne!(
            done, before,
            "the request did nothing, so its key holds nothing"
        );
        let again = self.http(&keyed).await;
        assert!(
            is_same(&again, &answers[0]),
            "{again:?}, not {:?}",
            answers[0]
        );
        assert_eq!(self.versions(), done, "a repeat wrote something");

        let other = self.http(&keyed.json(other_body)).await;
        let problem = other.body["type"].as_str().unwrap_or_default();
        assert_eq!(
            (other.status, problem),
            (422, "urn:noren:problem:idempotency-key-reused"),
            "{other:?}"
        );
        assert_eq!(
            self.versions(),
            done,
            "another request under the key wrote something"
        );
        self.relay().await;
        again
    }

    /// Sends the request under the key, then other requests, each under a key of its own, then the first again, which must
    /// change nothing: a key is held whatever happened to the same thing meanwhile.
    ///
    /// # Panics
    /// When one of the requests is refused, or the repeat wrote something.
    pub async fn holds_key_through(&self, key: &str, request: &Request, others: &[Request]) {
        let keyed = request.clone().header("Idempotency-Key", key);
        let first = self.http(&keyed).await;
        assert!((200..300).contains(&first.status), "{first:?}");
        for (number, other) in others.iter().enumerate() {
            let other_key = format!("{key}, other {number}");
            let answer = self
                .http(&other.clone().header("Idempotency-Key", &other_key))
                .await;
            assert!((200..300).contains(&answer.status), "{answer:?}");
        }
        let before = self.versions();
        let again = self.http(&keyed).await;
        assert_eq!(again.status, first.status, "{again:?}");
        assert_eq!(
            self.versions(),
            before,
            "a repeat after other requests wrote something"
        );
        self.relay().await;
    }

    /// How often each item was written.
    fn versions(&self) -> BTreeMap<String, u64> {
        let items = self.store.all().into_iter();
        items
            .map(|item| (item.key.to_string(), item.version))
            .collect()
    }
}
