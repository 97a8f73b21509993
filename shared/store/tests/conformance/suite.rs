//! The checks. Each gets a table of its own, and knows nothing of what is behind the trait.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use store::{
    Adjustment, CommitFailure, Consistency, CounterChange, Cursor, Expected, Index, Indexed,
    InvalidCursor, Key, MAX_ITEM_BYTES, Origin, Projection, Query, Record, Refusal, SortCondition,
    Store, TransactFailure, Write, due, due_index, due_shard,
};

/// The index that keeps whole items.
const SHELF: Index = Index {
    name: "shelf",
    partition: "category",
    sort: "title",
    projection: Projection::All,
};

/// The indexes that the tables of the suite have.
pub const INDEXES: &[Index] = &[due_index(), SHELF];

pub type Check<S> = fn(S) -> Pin<Box<dyn Future<Output = ()>>>;

/// Every check, by name.
pub fn checks<S: Store>() -> Vec<(&'static str, Check<S>)> {
    macro_rules! listed {
        ($($name:ident),+ $(,)?) => { vec![$((stringify!($name), (|store| Box::pin($name(store))) as Check<S>)),+] };
    }
    listed![
        every_part_of_a_record_comes_back,
        a_commit_holds_to_its_condition,
        a_copy_gives_way_to_newer_ones_only,
        one_of_many_at_once_wins,
        a_transaction_is_whole_or_not_at_all,
        counters_move_within_their_bounds,
        a_transaction_touches_an_item_once,
        a_key_without_one_of_its_parts_is_refused,
        the_largest_items_are_refused_before_they_are_written,
        many_items_are_read_at_once,
        a_partition_is_read_in_pages_both_ways,
        a_cursor_of_another_question_is_refused,
        every_item_is_in_one_page_of_the_whole_table,
        an_index_holds_what_its_projection_says,
        deadlines_are_found_when_they_have_come,
        a_release_that_came_first_stands_against_what_comes_later,
    ]
}

fn record(pk: &str, version: u64, document: &str) -> Record {
    let document = format!("{{\"text\":\"{document}\"}}");
    Record {
        key: Key::new(pk, "item"),
        version,
        document,
        ..Record::default()
    }
}

fn add(pk: &str, by: i64, before: Option<std::ops::RangeInclusive<i64>>) -> Write {
    let change = CounterChange {
        counter: "available:main".to_owned(),
        by,
        before,
    };
    Write::Adjust(Adjustment {
        key: Key::new(pk, "item"),
        changes: vec![change],
    })
}

fn put(record: Record, expected: Expected) -> Write {
    Write::Put { record, expected }
}

async fn load<S: Store>(store: &S, pk: &str) -> Option<Record> {
    store
        .load(&Key::new(pk, "item"), Consistency::Strong)
        .await
        .unwrap()
}

async fn every_part_of_a_record_comes_back<S: Store>(store: S) {
    for (pk, document) in [
        ("small", "tea".to_owned()),
        ("packed", "tea and ".repeat(400)),
        ("none", String::new()),
    ] {
        let whole = Record {
            origin: Origin::Schedule,
            indexed: [
                ("category".to_owned(), Indexed::Text("茶".to_owned())),
                ("title".to_owned(), Indexed::Text("sencha".to_owned())),
            ]
            .into(),
            counters: [
                ("available:main".to_owned(), -3),
                ("received:main".to_owned(), i64::from(u32::MAX)),
            ]
            .into(),
            expires_at_seconds: Some(1_795_512_600),
            ..record(pk, 1, &document)
        };
        store.commit(&whole, Expected::Absent).await.unwrap();
        assert_eq!(load(&store, pk).await, Some(whole));
    }
    assert_eq!(load(&store, "absent").await, None);
}

async fn a_commit_holds_to_its_condition<S: Store>(store: S) {
    let conflict = |result| assert!(matches!(result, Err(CommitFailure::Conflict)), "{result:?}");
    conflict(
        store
            .commit(&record("a", 2, "x"), Expected::Version(1))
            .await,
    );
    store
        .commit(&record("a", 1, "first"), Expected::Absent)
        .await
        .unwrap();
    conflict(
        store
            .commit(&record("a", 1, "second"), Expected::Absent)
            .await,
    );
    store
        .commit(&record("a", 2, "second"), Expected::Version(1))
        .await
        .unwrap();
    // The writer whose answer was lost writes again: the condition tells it that its write was done.
    conflict(
        store
            .commit(&record("a", 2, "second"), Expected::Version(1))
            .await,
    );
    assert_eq!(load(&store, "a").await, Some(record("a", 2, "second")));
}

async fn a_copy_gives_way_to_newer_ones_only<S: Store>(store: S) {
    let copy = |version| record("price", version, &format!("of version {version}"));
    store
        .commit(&copy(5), Expected::AbsentOrOlder)
        .await
        .unwrap();
    for stale in [5, 4] {
        let result = store.commit(&copy(stale), Expected::AbsentOrOlder).await;
        assert!(matches!(result, Err(CommitFailure::Conflict)));
    }
    store
        .commit(&copy(9), Expected::AbsentOrOlder)
        .await
        .unwrap();
    assert_eq!(load(&store, "price").await, Some(copy(9)));
}

async fn one_of_many_at_once_wins<S: Store>(store: S) {
    store
        .commit(&record("a", 1, "start"), Expected::Absent)
        .await
        .unwrap();
    let attempts = (0..20).map(|buyer| {
        let (store, won) = (&store, record("a", 2, &format!("buyer {buyer}")));
        async move { store.commit(&won, Expected::Version(1)).await.is_ok() }
    });
    let won = futures::future::join_all(attempts)
        .await
        .into_iter()
        .filter(|won| *won)
        .count();
    assert_eq!(won, 1);
}

async fn a_transaction_is_whole_or_not_at_all<S: Store>(store: S) {
    store
        .transact(&[add("tea", 5, None), add("cup", 1, None)])
        .await
        .unwrap();
    let order = |pk: &str| put(record(pk, 1, "reserved"), Expected::Absent);
    let short = [
        order("r1"),
        add("tea", -2, Some(2..=i64::MAX)),
        add("cup", -2, Some(2..=i64::MAX)),
    ];
    match store.transact(&short).await {
        Err(TransactFailure::Refused(refusals)) => {
            assert_eq!(
                refusals,
                [Refusal::None, Refusal::None, Refusal::ConditionFailed]
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(load(&store, "r1").await, None);
    assert_eq!(
        load(&store, "tea").await.unwrap().counter("available:main"),
        5
    );
    store
        .transact(&[order("r1"), add("tea", -2, Some(2..=i64::MAX))])
        .await
        .unwrap();
    let repeated = store
        .transact(&[order("r1"), add("tea", -2, Some(2..=i64::MAX))])
        .await;
    match repeated {
        Err(TransactFailure::Refused(refusals)) => {
            assert_eq!(refusals, [Refusal::ConditionFailed, Refusal::None]);
        }
        other => panic!("{other:?}"),
    }
    let tea = load(&store, "tea").await.unwrap();
    assert_eq!((tea.counter("available:main"), tea.version), (3, 2));
}

async fn counters_move_within_their_bounds<S: Store>(store: S) {
    let missing = store.transact(&[add("tea", -1, Some(1..=9))]).await;
    assert!(
        matches!(missing, Err(TransactFailure::Refused(_))),
        "a counter that is not there meets no condition"
    );
    store.transact(&[add("tea", 10, None)]).await.unwrap();
    assert!(
        store
            .transact(&[add("tea", -1, Some(1..=9))])
            .await
            .is_err(),
        "above the bounds"
    );
    store
        .transact(&[add("tea", -1, Some(1..=10))])
        .await
        .unwrap();
    store
        .transact(&[add("tea", -9, Some(9..=9))])
        .await
        .unwrap();
    assert!(
        store
            .transact(&[add("tea", -1, Some(1..=10))])
            .await
            .is_err(),
        "below the bounds"
    );
    assert_eq!(
        load(&store, "tea").await.unwrap().counter("available:main"),
        0
    );

    store.transact(&[add("last", 1, None)]).await.unwrap();
    let buyers = (0..100).map(|_| {
        let store = &store;
        async move {
            loop {
                match store.transact(&[add("last", -1, Some(1..=i64::MAX))]).await {
                    Ok(()) => return true,
                    Err(TransactFailure::Refused(refusals)) if refusals == [Refusal::Conflict] => {}
                    Err(_) => return false,
                }
            }
        }
    });
    let sold = futures::future::join_all(buyers)
        .await
        .into_iter()
        .filter(|sold| *sold)
        .count();
    assert_eq!(sold, 1);
}

async fn a_transaction_touches_an_item_once<S: Store>(store: S) {
    let twice = store
        .transact(&[add("tea", 1, None), add("tea", 1, None)])
        .await;
    assert!(matches!(twice, Err(TransactFailure::Store(_))), "{twice:?}");
    let many: Vec<_> = (0..101)
        .map(|number| add(&format!("tea-{number}"), 1, None))
        .collect();
    assert!(matches!(
        store.transact(&many).await,
        Err(TransactFailure::Store(_))
    ));
    store.transact(&many[..100]).await.unwrap();
    assert_eq!(load(&store, "tea").await, None);
    assert_eq!(
        load(&store, "tea-99")
            .await
            .unwrap()
            .counter("available:main"),
        1
    );
}

async fn a_key_without_one_of_its_parts_is_refused<S: Store>(store: S) {
    for (pk, sk) in [("", "item"), ("tea", "")] {
        let key = Key::new(pk, sk);
        let item = Record {
            key: key.clone(),
            ..record("tea", 1, "green")
        };
        assert!(store.load(&key, Consistency::Strong).await.is_err());
        assert!(store.load_many(&[key]).await.is_err());
        let committed = store.commit(&item, Expected::Absent).await;
        assert!(
            matches!(committed, Err(CommitFailure::Store(_))),
            "{committed:?}"
        );
        let writes = [
            put(item, Expected::Absent),
            put(record("milk", 1, "whole"), Expected::Absent),
        ];
        assert!(matches!(
            store.transact(&writes).await,
            Err(TransactFailure::Store(_))
        ));
    }
    assert_eq!(load(&store, "tea").await, None);
    assert_eq!(load(&store, "milk").await, None);
}

/// A text that does not pack: hexadecimal digits of a generator, all of them needed.
fn noise(length: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend(
            state
                .to_le_bytes()
                .iter()
                .map(|byte| char::from(b'0' + byte % 75))
                .filter(|c| *c != '\\'),
        );
    }
    text
}

async fn the_largest_items_are_refused_before_they_are_written<S: Store>(store: S) {
    let huge = record("huge", 1, &noise(2 * MAX_ITEM_BYTES));
    let refused = store.commit(&huge, Expected::Absent).await;
    assert!(
        matches!(refused, Err(CommitFailure::TooLarge { bytes }) if bytes > MAX_ITEM_BYTES),
        "{refused:?}"
    );
    let refused = store
        .transact(&[add("tea", 1, None), put(huge, Expected::Absent)])
        .await;
    assert!(
        matches!(refused, Err(TransactFailure::TooLarge { .. })),
        "{refused:?}"
    );
    assert_eq!(load(&store, "huge").await, None);
    assert_eq!(load(&store, "tea").await, None);
    let large = record("large", 1, &noise(350 * 1024));
    store.commit(&large, Expected::Absent).await.unwrap();
    assert_eq!(load(&store, "large").await, Some(large));
}

async fn many_items_are_read_at_once<S: Store>(store: S) {
    for number in 0..130 {
        store
            .commit(&record(&format!("sku-{number}"), 1, "x"), Expected::Absent)
            .await
            .unwrap();
    }
    let mut keys: Vec<_> = (0..140)
        .map(|number| Key::new(format!("sku-{number}"), "item"))
        .collect();
    keys.push(keys[0].clone());
    let mut found: Vec<_> = store
        .load_many(&keys)
        .await
        .unwrap()
        .into_iter()
        .map(|found| found.key)
        .collect();
    found.sort();
    keys.truncate(130);
    keys.sort();
    assert_eq!(found, keys);
    assert!(store.load_many(&[]).await.unwrap().is_empty());
}

async fn pages<S: Store>(store: &S, query: Query) -> Vec<String> {
    let mut found = Vec::new();
    let mut query = query;
    loop {
        let page = store.query(&query).await.unwrap();
        assert!(page.records.len() <= query.limit);
        found.extend(page.records.into_iter().map(|record| record.key.sk));
        let Some(next) = page.next else { return found };
        query.after = Some(Cursor::from_text(&next.to_text()).unwrap());
    }
}

async fn a_partition_is_read_in_pages_both_ways<S: Store>(store: S) {
    for sk in ["a-1", "a-2", "a-3", "b-1", "b-2"] {
        let item = Record {
            key: Key::new("ledger", sk),
            ..record("ledger", 1, sk)
        };
        store.commit(&item, Expected::Absent).await.unwrap();
        let elsewhere = Record {
            key: Key::new("ledger2", sk),
            ..record("ledger2", 1, sk)
        };
        store.commit(&elsewhere, Expected::Absent).await.unwrap();
    }
    let all = Query::of_partition("ledger", 2);
    assert_eq!(
        pages(&store, all.clone()).await,
        ["a-1", "a-2", "a-3", "b-1", "b-2"]
    );
    let backwards = Query {
        descending: true,
        ..all.clone()
    };
    assert_eq!(
        pages(&store, backwards).await,
        ["b-2", "b-1", "a-3", "a-2", "a-1"]
    );
    let with = |sort| Query {
        sort: Some(sort),
        ..all.clone()
    };
    assert_eq!(
        pages(&store, with(SortCondition::BeginsWith("b-".to_owned()))).await,
        ["b-1", "b-2"]
    );
    let bound = || Indexed::Text("a-3".to_owned());
    assert_eq!(
        pages(&store, with(SortCondition::AtLeast(bound()))).await,
        ["a-3", "b-1", "b-2"]
    );
    assert_eq!(
        pages(&store, with(SortCondition::AtMost(bound()))).await,
        ["a-1", "a-2", "a-3"]
    );
    assert!(
        pages(&store, Query::of_partition("nothing", 2))
            .await
            .is_empty()
    );
}

/// A page's end, changed by hand: the cursor's text is JSON in Base64, and nothing keeps a client from writing it.
fn forged(cursor: &Cursor, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Cursor {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.to_text()).unwrap();
    let mut values = serde_json::from_slice(&bytes).unwrap();
    change(&mut values);
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&values).unwrap());
    Cursor::from_text(&text).unwrap()
}

async fn a_cursor_of_another_question_is_refused<S: Store>(store: S) {
    for (pk, category, title) in [("a", "tea", "1"), ("b", "tea", "2"), ("c", "cups", "1")] {
        for sk in ["item", "item-2"] {
            let key = Key::new(pk, sk);
            let mut indexed = BTreeMap::from([
                ("category".to_owned(), Indexed::Text(category.to_owned())),
                ("title".to_owned(), Indexed::Text(format!("{title} {sk}"))),
            ]);
            indexed.insert("due_shard".to_owned(), Indexed::Text("0".to_owned()));
            indexed.insert("due_at".to_owned(), Indexed::Number(7));
            let item = Record {
                key,
                indexed,
                ..record(pk, 1, "x")
            };
            store.commit(&item, Expected::Absent).await.unwrap();
        }
    }
    let of_a = Query::of_partition("a", 1);
    let of_b = Query::of_partition("b", 1);
    let tea = Query::of_index(SHELF, "tea", 1);
    let cups = Query::of_index(SHELF, "cups", 1);
    let shard = Query::of_index(due_index(), "0", 1);
    let all = [of_a, of_b, tea.clone(), cups, shard.clone()];
    let mut ends = Vec::new();
    for query in &all {
        ends.push(store.query(query).await.unwrap().next.unwrap());
    }
    let refused = async |query: &Query, cursor: &Cursor, what: &str| {
        let resumed = query.clone().resume(cursor.clone());
        assert_eq!(resumed.unwrap_err(), InvalidCursor, "{what}");
        // Whoever does not ask first is refused by the store, and no table is asked.
        let query = Query {
            after: Some(cursor.clone()),
            ..query.clone()
        };
        let failure = store.query(&query).await.unwrap_err();
        assert!(!failure.outcome_unknown, "{failure}");
        assert_eq!(failure.message, InvalidCursor.to_string(), "{what}");
    };
    for (position, query) in all.iter().enumerate() {
        for (other, end) in ends.iter().enumerate() {
            if position == other {
                let resumed = query.clone().resume(end.clone()).unwrap();
                assert_eq!(store.query(&resumed).await.unwrap().records.len(), 1);
            } else {
                refused(query, end, &format!("{other} for {position}")).await;
            }
        }
    }
    let end = &ends[2];
    let set = |name: &'static str, value: Value| {
        forged(end, move |values| {
            values.insert(name.to_owned(), value);
        })
    };
    for (name, value) in [
        ("pk", json!({ "N": 7 })),
        ("pk", json!({ "S": "" })),
        ("pk", json!({ "S": "x".repeat(2049) })),
        ("sk", json!({ "S": "" })),
        ("sk", json!({ "S": "x".repeat(1025) })),
        ("title", json!({ "N": 7 })),
        ("title", json!({ "S": "" })),
        ("category", json!({ "S": "cups" })),
        ("category", json!({ "N": 7 })),
        ("unknown", json!({ "S": "x" })),
    ] {
        refused(&tea, &set(name, value.clone()), &format!("{name}: {value}")).await;
    }
    let due_at_text = forged(&ends[4], |values| {
        values.insert("due_at".to_owned(), json!({ "S": "7" }));
    });
    refused(&shard, &due_at_text, "a number that is a text").await;
    let before_six = Query {
        sort: Some(SortCondition::AtMost(Indexed::Number(6))),
        ..shard
    };
    refused(&before_six, &ends[4], "beyond the sort condition").await;
    // Of an item that is not there, or no more: a page goes on from where it would stand.
    let gone = set("pk", json!({ "S": "a-gone" }));
    let resumed = tea.resume(gone).unwrap();
    assert_eq!(store.query(&resumed).await.unwrap().records.len(), 1);
}

async fn every_item_is_in_one_page_of_the_whole_table<S: Store>(store: S) {
    let empty = store.scan(None, 3).await.unwrap();
    assert_eq!((empty.records, empty.next), (Vec::new(), None));
    let mut all = Vec::new();
    for number in 0..7 {
        for sk in ["main", "note"] {
            let item = Record {
                key: Key::new(format!("item#{number}"), sk),
                ..record("item", 1 + number, &format!("{number}"))
            };
            store.commit(&item, Expected::Absent).await.unwrap();
            all.push(item);
        }
    }
    // An item that has counters and no document is one too.
    store.transact(&[add("item#7", 3, None)]).await.unwrap();
    all.push(load(&store, "item#7").await.unwrap());
    for limit in [1, 3, 15, 100] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = store.scan(after.as_ref(), limit).await.unwrap();
            assert!(page.records.len() <= limit);
            found.extend(page.records);
            let Some(next) = page.next else { break };
            after = Some(Cursor::from_text(&next.to_text()).unwrap());
            // What stands all the while is in just one page, whatever is written in between.
            if found.len() == 3 {
                let other = record(&format!("new#{limit}"), 1, "new");
                store.commit(&other, Expected::Absent).await.unwrap();
            }
        }
        let mut stood: Vec<_> = found
            .into_iter()
            .filter(|item| !item.key.pk.starts_with("new#"))
            .collect();
        stood.sort_by(|one, other| one.key.cmp(&other.key));
        assert_eq!(stood, all, "in pages of {limit}");
    }
    let page = store.scan(None, 2).await.unwrap();
    let of_an_index = forged(&page.next.unwrap(), |values| {
        values.insert("due_shard".to_owned(), json!({"S": "1"}));
    });
    let failure = store.scan(Some(&of_an_index), 2).await.unwrap_err();
    assert_eq!(failure.message, InvalidCursor.to_string());
}

async fn an_index_holds_what_its_projection_says<S: Store>(store: S) {
    let on_shelf = |pk: &str, title: &str, version| Record {
        indexed: [
            ("category".to_owned(), Indexed::Text("tea".to_owned())),
            ("title".to_owned(), Indexed::Text(title.to_owned())),
        ]
        .into(),
        ..record(pk, version, title)
    };
    store
        .commit(&on_shelf("p1", "sencha", 1), Expected::Absent)
        .await
        .unwrap();
    store
        .commit(&on_shelf("p2", "genmaicha", 1), Expected::Absent)
        .await
        .unwrap();
    store
        .commit(&record("p3", 1, "not on a shelf"), Expected::Absent)
        .await
        .unwrap();
    let shelf = Query::of_index(SHELF, "tea", 10);
    let found = store.query(&shelf).await.unwrap().records;
    assert_eq!(
        found,
        [on_shelf("p2", "genmaicha", 1), on_shelf("p1", "sencha", 1)]
    );
    store
        .commit(&on_shelf("p2", "xmas tea", 2), Expected::Version(1))
        .await
        .unwrap();
    store
        .commit(&record("p1", 2, "taken off"), Expected::Version(1))
        .await
        .unwrap();
    assert_eq!(
        store.query(&shelf).await.unwrap().records,
        [on_shelf("p2", "xmas tea", 2)]
    );
}

async fn deadlines_are_found_when_they_have_come<S: Store>(store: S) {
    let waiting = |pk: &str, at: i64, version| Record {
        indexed: [
            ("due_shard".to_owned(), Indexed::Text(due_shard(pk))),
            ("due_at".to_owned(), Indexed::Number(at)),
        ]
        .into(),
        ..record(pk, version, "waits")
    };
    for number in 0..12 {
        store
            .commit(
                &waiting(&format!("o{number}"), 1000 + number, 1),
                Expected::Absent,
            )
            .await
            .unwrap();
    }
    let found = |found: Vec<store::Due>| {
        let mut found: Vec<_> = found
            .into_iter()
            .map(|due| (due.at_seconds, due.key.pk))
            .collect();
        found.sort();
        found
    };
    assert!(found(due(&store, 999, 10).await.unwrap()).is_empty());
    let expected = [
        (1000, "o0".to_owned()),
        (1001, "o1".to_owned()),
        (1002, "o2".to_owned()),
    ];
    assert_eq!(found(due(&store, 1002, 10).await.unwrap()), expected);
    store
        .commit(&record("o0", 2, "settled"), Expected::Version(1))
        .await
        .unwrap();
    store
        .commit(&waiting("o1", 5000, 2), Expected::Version(1))
        .await
        .unwrap();
    assert_eq!(found(due(&store, 1002, 10).await.unwrap()), expected[2..]);
    let sparse = store
        .query(&Query::of_index(due_index(), due_shard("o2"), 10))
        .await
        .unwrap()
        .records;
    let entry = sparse
        .into_iter()
        .find(|record| record.key.pk == "o2")
        .unwrap();
    assert_eq!(
        (entry.version, entry.document.as_str()),
        (0, ""),
        "an index of keys holds keys only"
    );
}

async fn a_release_that_came_first_stands_against_what_comes_later<S: Store>(store: S) {
    store.transact(&[add("tea", 1, None)]).await.unwrap();
    store
        .commit(&record("reservation", 1, "released"), Expected::Absent)
        .await
        .unwrap();
    let late = [
        put(record("reservation", 1, "reserved"), Expected::Absent),
        add("tea", -1, Some(1..=i64::MAX)),
    ];
    assert!(matches!(
        store.transact(&late).await,
        Err(TransactFailure::Refused(_))
    ));
    assert_eq!(
        load(&store, "tea").await.unwrap().counter("available:main"),
        1
    );
}
