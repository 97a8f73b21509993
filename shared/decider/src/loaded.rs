//! An aggregate as it was read.

use contracts::CloudEvent;
use identifiers::MessageId;
use store::{Consistency, Record, Store};

use crate::document::Document;
use crate::relay::UnreadableDocument;
use crate::{Failure, Stored};

/// An aggregate as it was read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Loaded, load};
/// use store::{Consistency, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let loaded: Loaded<Course> = load(&store, &course("rust"), Consistency::Strong).await.unwrap();
/// assert_eq!((loaded.version(), loaded.state()), (0, None));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Loaded<A: Stored> {
    pub(crate) subject: String,
    pub(crate) version: u64,
    pub(crate) document: Option<Document<A::State>>,
    pub(crate) base: Record,
}

/// Reads an aggregate.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::load;
/// use store::{Consistency, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let course = load::<Course, _>(&store, &course("rust"), Consistency::Eventual).await.unwrap();
/// assert_eq!(course.version(), 0);
/// # });
/// ```
pub async fn load<A: Stored, S: Store>(
    store: &S,
    id: &A::Id,
    consistency: Consistency,
) -> Result<Loaded<A>, Failure> {
    let key = A::key(id);
    let record = store.load(&key, consistency).await?;
    Ok(Loaded::from_record(id, record)?)
}

/// Reads the state of an aggregate as of every acknowledged write.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::read;
/// use store::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let course: Option<Course> = read::<Course, _>(&store, &course("rust")).await.unwrap();
/// assert_eq!(course, None);
/// # });
/// ```
pub async fn read<A: Stored, S: Store>(store: &S, id: &A::Id) -> Result<Option<A::State>, Failure> {
    Ok(load::<A, S>(store, id, Consistency::Strong)
        .await?
        .into_state())
}

impl<A: Stored> Loaded<A> {
    /// Takes what the store has under the aggregate's key.
    ///
    /// # Errors
    /// When the document cannot be read.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::Loaded;
    /// use store::{Key, Record};
    ///
    /// let id = course("rust");
    /// assert!(Loaded::<Course>::from_record(&id, None).unwrap().state().is_none());
    ///
    /// let strange = Record { key: Key::new("course#rust", "course"), document: "{".to_owned(), ..Record::default() };
    /// let error = Loaded::<Course>::from_record(&id, Some(strange)).unwrap_err();
    /// assert!(error.to_string().starts_with("the document of course#rust/course cannot be read"));
    /// ```
    pub fn from_record(id: &A::Id, record: Option<Record>) -> Result<Self, UnreadableDocument> {
        let subject = id.to_string();
        let Some(record) = record else {
            let base = Record {
                key: A::key(id),
                ..Record::default()
            };
            return Ok(Self {
                subject,
                version: 0,
                document: None,
                base,
            });
        };
        let document =
            serde_json::from_str(&record.document).map_err(|source| UnreadableDocument {
                key: record.key.clone(),
                source,
            })?;
        Ok(Self {
            subject,
            version: record.version,
            document: Some(document),
            base: record,
        })
    }

    /// The state, if there is any.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{execute, load};
    /// use store::{Consistency, MemoryStore, Origin};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (store, id) = (MemoryStore::new(&[]), course("rust"));
    /// execute::<Course, _>(&store, &id, &message("m-1"), Origin::Http, &enrol("mia")).await.unwrap();
    /// let loaded = load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap();
    /// assert_eq!(loaded.state().unwrap().students, ["mia"]);
    /// # });
    /// ```
    pub fn state(&self) -> Option<&A::State> {
        self.document.as_ref().map(|document| &document.state)
    }

    /// The state, if there is any.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::Loaded;
    ///
    /// let none = Loaded::<Course>::from_record(&course("rust"), None).unwrap();
    /// assert_eq!(none.into_state(), None);
    /// ```
    pub fn into_state(self) -> Option<A::State> {
        self.document.map(|document| document.state)
    }

    /// The version that was read; 0 where there is none.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{execute, load};
    /// use store::{Consistency, MemoryStore, Origin};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (store, id) = (MemoryStore::new(&[]), course("rust"));
    /// for student in ["mia", "ken"] {
    ///     execute::<Course, _>(&store, &id, &message(student), Origin::Http, &enrol(student)).await.unwrap();
    /// }
    /// assert_eq!(load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap().version(), 2);
    /// # });
    /// ```
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The events that a message emitted, if the item remembers it.
    pub(crate) fn events_of(
        &self,
        message_id: &MessageId,
        traceparent: Option<&str>,
    ) -> Option<Vec<CloudEvent>> {
        let handled = self.document.as_ref()?.handled_before(message_id)?;
        Some(handled.events_of(&self.subject, traceparent))
    }
}
