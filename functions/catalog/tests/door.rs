//! The catalog through its door, as Lambda brings what it handles.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use catalog::{Catalog, INDEXES};
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use harness::{Answer, Harness, Request};
use serde_json::{Value, json};
use store::{MemoryStore, item_size_bytes};

type Shop = Harness<Catalog<MemoryStore>>;

fn shop() -> Shop {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Catalog::new(store))
}

fn file(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../events/catalog/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn operator(method: &str, path: &str) -> Request {
    Request::new(method, path).by_operator("operator-1")
}

async fn get(shop: &Shop, path: &str) -> Answer {
    shop.http(&Request::new("GET", path)).await
}

fn yen(amount: i64) -> Value {
    json!({ "amount_minor": amount, "currency": "JPY" })
}

fn product(id: &str, category: &str, en: &str, ja: &str) -> Value {
    json!({
        "product_id": id, "category": category, "title": { "en": en, "ja": ja },
        "variants": [{ "sku": format!("{id}-1"), "price": yen(500), "tax_class": "reduced", "weight_grams": 100 }]
    })
}

fn json_lines(products: &[Value]) -> String {
    products
        .iter()
        .map(|product| format!("{product}\n"))
        .collect()
}

async fn import_lines(shop: &Shop, products: &[Value]) -> Value {
    let request = operator("POST", "/api/operator/products/import")
        .header("content-type", "application/x-ndjson")
        .text(json_lines(products));
    let answer = shop.http(&request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

async fn import_csv(shop: &Shop, query: &str, text: &str) -> Answer {
    let request = operator("POST", &format!("/api/operator/products/import{query}"));
    shop.http(
        &request
            .header("content-type", "text/csv; charset=utf-8")
            .text(text),
    )
    .await
}

fn ids(answer: &Answer) -> Vec<&str> {
    let products = answer.body["products"].as_array().unwrap();
    products
        .iter()
        .map(|product| product["product_id"].as_str().unwrap())
        .collect()
}

fn counts(imported: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "rejected"].map(|name| imported[name].as_u64().unwrap())
}

#[tokio::test]
async fn a_product_is_drafted_published_repriced_and_retired() {
    let shop = shop();
    let drafted = shop.http_payload(&file("create-product")).await;
    assert_eq!(
        (drafted.status, &drafted.body["status"]),
        (201, &json!("draft"))
    );
    assert_eq!(
        get(&shop, "/api/products/sencha").await.status,
        404,
        "a draft is not shown"
    );
    assert_eq!(ids(&get(&shop, "/api/products").await), [""; 0]);

    for _ in 0..2 {
        let published = shop.http_payload(&file("publish-product")).await;
        assert_eq!(
            (published.status, &published.body["status"]),
            (200, &json!("published"))
        );
    }
    assert_eq!(
        shop.http_payload(&file("get-product")).await.body["title"]["ja"],
        "煎茶 一番茶"
    );
    assert_eq!(
        ids(&shop.http_payload(&file("list-products")).await),
        ["sencha"]
    );
    let categories = shop.http_payload(&file("list-categories")).await;
    assert_eq!(
        categories.body,
        json!({ "categories": [{ "name": "Tea", "products": 1 }] })
    );

    for _ in 0..2 {
        let repriced = shop.http_payload(&file("change-price")).await;
        assert_eq!(repriced.body["variants"][0]["price"], yen(1180));
    }
    for _ in 0..2 {
        let retired = shop.http_payload(&file("retire-product")).await;
        assert_eq!(
            (retired.status, &retired.body["status"]),
            (200, &json!("retired"))
        );
    }
    assert_eq!(ids(&get(&shop, "/api/products?q=%E8%8C%B6").await), [""; 0]);
    assert_eq!(
        ids(&get(&shop, "/api/products?category=Tea").await),
        [""; 0]
    );
    assert_eq!(
        get(&shop, "/api/categories").await.body,
        json!({ "categories": [] })
    );
    assert_eq!(
        get(&shop, "/api/products/sencha").await.body["status"],
        "retired"
    );

    shop.relay().await;
    let events = shop.published();
    let types: Vec<&str> = events
        .iter()
        .map(|event| event.event_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "catalog.ProductPublished.v1",
            "catalog.PriceChanged.v1",
            "catalog.ProductRetired.v1"
        ]
    );
    assert_eq!(
        events[0].data::<ProductPublished>().unwrap().variants.len(),
        2
    );
    assert_eq!(
        events[1]
            .data::<PriceChanged>()
            .unwrap()
            .variant
            .price
            .amount_minor,
        1180
    );
    assert_eq!(events[2].data::<ProductRetired>().unwrap().skus.len(), 2);
    assert!(events.iter().all(|event| event.subject == "sencha"));
    let versions: Vec<u64> = events.iter().map(|event| event.aggregateversion).collect();
    assert_eq!(versions, [2, 3, 4]);
}

#[tokio::test]
async fn the_sample_payloads_are_what_the_door_reads() {
    let shop = shop();
    let answer = shop.invoke(&file("stream")).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(shop.published_types(), ["catalog.ProductPublished.v1"]);
    let imported = shop.http_payload(&file("import-csv")).await;
    assert_eq!(
        (imported.status, counts(&imported.body)),
        (200, [2, 0, 0, 0])
    );
    let imported = shop.http_payload(&file("import-json-lines")).await;
    assert_eq!(
        (imported.status, counts(&imported.body)),
        (200, [2, 0, 0, 0])
    );
    shop.relay().await;
    assert_eq!(shop.published_types(), ["catalog.ProductPublished.v1"; 4]);
}

#[tokio::test]
async fn the_same_draft_again_is_the_same_product_and_another_is_refused() {
    let shop = shop();
    let body = product("tea", "Tea", "Tea", "茶");
    let create = |body: &Value| operator("POST", "/api/operator/products").json(body);
    assert_eq!(shop.http(&create(&body)).await.status, 201);
    assert_eq!(shop.http(&create(&body)).await.status, 200);
    let other = shop
        .http(&create(&product("tea", "Tea", "Other", "茶")))
        .await;
    assert_eq!(
        (other.status, &other.body["type"]),
        (409, &json!("urn:noren:problem:product-exists"))
    );
    shop.relay().await;
    assert_eq!(
        shop.published_types(),
        [""; 0],
        "a draft is nobody's business"
    );
}

#[tokio::test]
async fn a_sku_belongs_to_one_product_for_ever() {
    let shop = shop();
    let mut thief = product("thief", "Tea", "Thief", "盗");
    thief["variants"][0]["sku"] = json!("tea-1");
    import_lines(&shop, &[product("tea", "Tea", "Tea", "茶")]).await;
    shop.http(&operator("POST", "/api/operator/products/tea/retire"))
        .await;
    let refused = shop
        .http(&operator("POST", "/api/operator/products").json(&thief))
        .await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (409, &json!("urn:noren:problem:sku-taken"))
    );
    let imported = import_lines(
        &shop,
        &[thief.clone(), product("pot", "Ware", "Pot", "急須")],
    )
    .await;
    assert_eq!(counts(&imported), [1, 0, 0, 1]);
    assert_eq!(imported["errors"][0]["field"], "variants[0].sku");

    // Two products of one request that want the same new SKU: the first has it.
    let (a, mut b) = (
        product("a", "Tea", "A", "あ"),
        product("b", "Tea", "B", "い"),
    );
    b["variants"][0]["sku"] = json!("a-1");
    let imported = import_lines(&shop, &[a, b.clone()]).await;
    assert_eq!(counts(&imported), [1, 0, 0, 1]);
    // A SKU that a product gave up is still its own.
    let mut renamed = product("a", "Tea", "A", "あ");
    renamed["variants"][0]["sku"] = json!("a-2");
    assert_eq!(counts(&import_lines(&shop, &[renamed]).await), [0, 1, 0, 0]);
    assert_eq!(counts(&import_lines(&shop, &[b]).await), [0, 0, 0, 1]);
    assert_eq!(
        counts(&import_lines(&shop, &[product("a", "Tea", "A", "あ")]).await),
        [0, 1, 0, 0]
    );
    shop.relay().await;
}

#[tokio::test]
async fn an_import_is_idempotent_by_content() {
    let shop = shop();
    let products: Vec<Value> = (0..120)
        .map(|n| {
            product(
                &format!("p-{n:03}"),
                ["Tea", "Ware", "Books"][n % 3],
                &format!("Item {n}"),
                "品",
            )
        })
        .collect();
    assert_eq!(
        counts(&import_lines(&shop, &products).await),
        [120, 0, 0, 0]
    );
    shop.relay().await;
    assert_eq!(shop.published().len(), 120);
    assert_eq!(
        counts(&import_lines(&shop, &products).await),
        [0, 0, 120, 0]
    );
    assert_eq!(
        shop.store.take_changes(),
        [],
        "nothing is written for what is as it was"
    );

    let mut changed = products.clone();
    changed[0]["variants"][0]["price"] = yen(999);
    changed[1]["category"] = json!("Tea");
    changed[2]["title"]["en"] = json!("Another title");
    changed.push(product("p-new", "Tea", "New", "新"));
    assert_eq!(counts(&import_lines(&shop, &changed).await), [1, 3, 117, 0]);
    shop.relay().await;
    assert_eq!(shop.published_types(), ["catalog.ProductPublished.v1"; 4]);
    let categories = get(&shop, "/api/categories").await.body;
    let of = |name: &str, products: usize| json!({ "name": name, "products": products });
    assert_eq!(
        categories["categories"],
        json!([of("Books", 40), of("Tea", 42), of("Ware", 39)])
    );
    assert_eq!(ids(&get(&shop, "/api/products?q=another").await), ["p-002"]);

    // And back again: what was wished is in the content, whatever was handled before.
    assert_eq!(
        counts(&import_lines(&shop, &products).await),
        [0, 3, 117, 0]
    );
    shop.relay().await;
}

#[tokio::test]
async fn an_idempotency_key_that_serves_several_pieces_hides_none_of_them() {
    let shop = shop();
    for title in ["One", "Two", "One"] {
        let request = operator("POST", "/api/operator/products/import")
            .header("content-type", "application/x-ndjson")
            .header("idempotency-key", "file-7")
            .text(json_lines(&[product("tea", "Tea", title, "茶")]));
        assert_eq!(counts(&shop.http(&request).await.body)[2], 0, "{title}");
        assert_eq!(
            get(&shop, "/api/products/tea").await.body["title"]["en"],
            title
        );
    }
    shop.relay().await;
}

#[tokio::test]
async fn a_retired_product_is_not_brought_back_by_an_old_file() {
    let shop = shop();
    let tea = product("tea", "Tea", "Tea", "茶");
    import_lines(&shop, std::slice::from_ref(&tea)).await;
    shop.http(&operator("POST", "/api/operator/products/tea/retire"))
        .await;
    let again = import_lines(&shop, &[tea]).await;
    assert_eq!(counts(&again), [0, 0, 0, 1]);
    assert_eq!(
        again["errors"],
        json!([{ "row": 1, "field": "product_id", "message": "the product is retired" }])
    );
    let publish = shop
        .http(&operator("POST", "/api/operator/products/tea/publish"))
        .await;
    assert_eq!(publish.status, 409);
    shop.relay().await;
}

/// An order's lines say SKUs: what each is called is told for ever, and of a draft to nobody.
#[tokio::test]
async fn a_sku_leads_to_its_product_also_when_it_is_retired() {
    let shop = shop();
    let tea = product("tea", "Tea", "Tea", "茶");
    let sku = tea["variants"][0]["sku"].as_str().unwrap().to_owned();
    let path = format!("/api/skus/{sku}");
    shop.http(&operator("POST", "/api/operator/products").json(&tea))
        .await;
    assert_eq!(get(&shop, &path).await.status, 404, "a draft");
    for act in ["publish", "retire"] {
        shop.http(&operator(
            "POST",
            &format!("/api/operator/products/tea/{act}"),
        ))
        .await;
        let found = get(&shop, &path).await;
        assert_eq!(
            (found.status, &found.body["product_id"]),
            (200, &json!("tea")),
            "after {act}"
        );
    }
    for other in ["/api/skus/NO-SUCH", "/api/skus/no%20sku"] {
        assert_eq!(get(&shop, other).await.status, 404, "{other}");
    }
    shop.relay().await;
}

#[tokio::test]
async fn csv_rows_are_taken_or_refused_one_product_at_a_time() {
    let shop = shop();
    let text = "\u{feff}product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams\n\
        tea,TEA-1,Tea,茶,Tea,500,JPY,reduced,100\n\
        tea,TEA-2,Tea,茶,Tea,900,JPY,reduced,200\n\
        no good,X-1,X,,Tea,500,JPY,reduced,100\n\
        pot,POT-1,Pot,,Ware,many,JPY,standard,100\n\
        pot,POT-2,Pot,,Ware,500,JPY,standard,100\n\
        mug,MUG-1,Mug,,Ware,500,JPX,standard,100\n\
        cup,CUP-1,Cup,,Ware,500,JPY,free,100\n\
        jug,JUG-1,Jug,,Ware,500,JPY,standard\n\
        can,CAN-1,Can,,Ware,500,JPY,standard,-1\n\
        box,BOX-1,Box,,Ware,500,JPY,standard,100\n\
        box,BOX-2,Crate,,Ware,500,JPY,standard,100\n\
        jar,JAR-1,,,Ware,0,JPY,standard,100\n\
        pan,PAN-1,Pan,,Ware,500,JPY,standard,100\n\
        pan,PAN-2,Pan,,Ware,5,USD,standard,100\n\
        \"bag, big\",BAG-1,Bag,,Ware,500,JPY,standard,100\n\
        tin,TIN-1,\"Tin, \"\"round\"\"\",缶,Ware,700,JPY,standard,100\n";
    let answer = import_csv(&shop, "?from=1001", text).await;
    assert_eq!(
        (answer.status, counts(&answer.body)),
        (200, [2, 0, 0, 10]),
        "{answer:?}"
    );
    let errors = answer.body["errors"].as_array().unwrap();
    let places: Vec<(u64, &str)> = errors
        .iter()
        .map(|error| {
            (
                error["row"].as_u64().unwrap(),
                error["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (1003, "product_id"),
            (1004, "price_minor"),
            (1006, "currency"),
            (1007, "tax_class"),
            (1008, "row"),
            (1009, "weight_grams"),
            (1011, "title_en"),
            (1012, "title_en"),
            (1012, "price_minor"),
            (1014, "currency"),
            (1015, "product_id"),
        ],
        "{errors:?}"
    );
    assert_eq!(
        get(&shop, "/api/products/tea").await.body["variants"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        get(&shop, "/api/products/tin").await.body["title"]["en"],
        "Tin, \"round\""
    );
    shop.relay().await;
    assert_eq!(shop.published().len(), 2);
}

#[tokio::test]
async fn json_lines_that_cannot_be_read_name_row_and_field() {
    let shop = shop();
    let mut negative = product("b", "Tea", "B", "い");
    negative["variants"][0]["price"]["amount_minor"] = json!(-1);
    let mut unknown = product("c", "Tea", "C", "う");
    unknown["variants"][0]["colour"] = json!("red");
    let text = format!(
        "{}\nnot json\n\n{negative}\n{unknown}\n{}\n{} trailing\n",
        product("a", "Tea", "A", "あ"),
        product("a", "Tea", "A", "あ"),
        product("d", "Tea", "D", "え"),
    );
    let request = operator("POST", "/api/operator/products/import")
        .header("content-type", "application/x-ndjson")
        .text(text);
    let answer = shop.http(&request).await;
    assert_eq!(counts(&answer.body), [1, 0, 0, 5], "{answer:?}");
    let errors = answer.body["errors"].as_array().unwrap();
    let places: Vec<(u64, &str)> = errors
        .iter()
        .map(|error| {
            (
                error["row"].as_u64().unwrap(),
                error["field"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (2, "line"),
        (4, "variants[0].price.amount_minor"),
        (5, "variants[0].colour"),
        (6, "product_id"),
        (7, "line"),
    ];
    assert_eq!(places, expected, "{errors:?}");
    shop.relay().await;
}

#[tokio::test]
async fn imports_that_cannot_be_read_at_all_change_nothing() {
    let shop = shop();
    let header =
        "product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams\n";
    let row = "tea,TEA-1,Tea,茶,Tea,500,JPY,reduced,100\n";
    let too_many = format!("{header}{}", row.repeat(1001));
    for text in [
        "",
        "tea,1\n",
        &header.replace(",currency", ",money"),
        &header.replace("sku", "product_id"),
        &too_many,
    ] {
        let refused = import_csv(&shop, "", text).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (400, &json!("body")),
            "{refused:?}"
        );
    }
    assert_eq!(
        import_csv(&shop, "", &"x".repeat(1024 * 1024 + 1))
            .await
            .status,
        413
    );
    assert_eq!(import_csv(&shop, "?from=x", header).await.status, 400);
    let kind = operator("POST", "/api/operator/products/import").json(&json!([]));
    assert_eq!(shop.http(&kind).await.status, 415);
    assert_eq!(shop.store.take_changes(), []);
}

#[tokio::test]
async fn a_search_finds_words_anywhere_in_any_language_and_pages_by_title() {
    let shop = shop();
    let products = [
        product("sencha", "Tea", "Sencha 100G", "煎茶 一番茶"),
        product("hojicha", "Tea", "Hojicha", "ほうじ茶"),
        product("earl", "Tea", "Earl Grey", "アールグレイ紅茶"),
        product("pot", "Ware", "Tea pot", "急須"),
        product("book", "Books", "The book of tea", "茶の本"),
    ];
    import_lines(&shop, &products).await;
    let cases: [(&str, &[&str]); 10] = [
        ("q=%E8%8C%B6", &["earl", "hojicha", "sencha", "book"]),
        ("q=%E4%B8%80%E7%95%AA", &["sencha"]),
        ("q=TEA", &["pot", "book"]),
        ("q=tea+book", &["book"]),
        ("q=%EF%BC%91%EF%BC%90%EF%BC%90%EF%BD%87", &["sencha"]),
        ("q=%EF%BD%B1%EF%BD%B0%EF%BE%99", &["earl"]),
        ("q=%E8%8C%B6&category=Books", &["book"]),
        ("category=Tea", &["earl", "hojicha", "sencha"]),
        ("q=coffee", &[]),
        ("", &["earl", "hojicha", "sencha", "pot", "book"]),
    ];
    for (query, expected) in cases {
        let answer = get(&shop, &format!("/api/products?{query}")).await;
        let mut found = ids(&answer);
        let mut expected = expected.to_vec();
        if query.starts_with("q=%E8%8C%B6&") || query.starts_with("category") {
            assert_eq!(found, expected, "{query}");
        }
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    for listing in ["q=%E8%8C%B6", "category=Tea", ""] {
        let whole = get(&shop, &format!("/api/products?{listing}")).await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = get(&shop, &format!("/api/products?{listing}&limit=2{cursor}")).await;
            assert!(ids(&page).len() <= 2);
            paged.extend(ids(&page).into_iter().map(str::to_owned));
            match page.body["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, ids(&whole), "{listing}");
    }
    shop.relay().await;
}

#[tokio::test]
async fn what_other_environments_change_is_seen_after_a_moment() {
    let store = MemoryStore::new(INDEXES);
    let here = Harness::new(store.clone(), Catalog::new(store.clone()));
    let there = Harness::new(store.clone(), Catalog::new(store));
    assert_eq!(ids(&get(&here, "/api/products").await), [""; 0]);
    import_lines(&there, &[product("tea", "Tea", "Tea", "茶")]).await;
    assert_eq!(ids(&get(&there, "/api/products").await), ["tea"]);
    here.clock.advance_seconds(10);
    assert_eq!(ids(&get(&here, "/api/products").await), ["tea"]);
    // What is listed from an older reading of the shelf is looked up as it is.
    there
        .http(&operator("POST", "/api/operator/products/tea/retire"))
        .await;
    assert_eq!(ids(&get(&here, "/api/products").await), [""; 0]);
    there.relay().await;
}

#[tokio::test]
async fn many_imports_at_once_lose_no_product_and_no_count() {
    let shop = shop();
    let piece = |n: usize| -> Vec<Value> {
        (0..50)
            .map(|m| product(&format!("p-{n}-{m}"), "Tea", &format!("Item {n} {m}"), "品"))
            .collect()
    };
    let pieces: Vec<Vec<Value>> = (0..8).map(piece).collect();
    let imports = pieces.iter().map(|piece| import_lines(&shop, piece));
    let created: u64 = futures::future::join_all(imports)
        .await
        .iter()
        .map(|one| counts(one)[0])
        .sum();
    assert_eq!(created, 400);
    assert_eq!(
        get(&shop, "/api/categories").await.body["categories"][0]["products"],
        400
    );
    shop.relay().await;
    assert_eq!(shop.published().len(), 400);
}

#[tokio::test]
async fn a_product_of_one_variant_stays_within_a_write_unit() {
    let shop = shop();
    import_lines(
        &shop,
        &[product(
            "1062872",
            "SOFT DRINKS",
            "Soft drinks: 12/18&15PK CAN CAR, 12 OZ",
            "ソフトドリンク",
        )],
    )
    .await;
    shop.http(
        &operator("POST", "/api/operator/products/1062872/price")
            .json(&json!({ "sku": "1062872-1", "price": yen(600) })),
    )
    .await;
    for record in shop.store.all() {
        assert!(
            item_size_bytes(&record) <= 1024,
            "{}: {}",
            record.key,
            item_size_bytes(&record)
        );
    }
    shop.relay().await;
}

#[tokio::test]
async fn bad_requests_name_the_field_and_change_nothing() {
    let shop = shop();
    import_lines(&shop, &[product("tea", "Tea", "Tea", "茶")]).await;
    shop.relay().await;
    let create = |change: fn(&mut Value)| {
        let mut body = product("new", "Tea", "New", "新");
        change(&mut body);
        operator("POST", "/api/operator/products").json(&body)
    };
    let price = |body: Value| operator("POST", "/api/operator/products/tea/price").json(&body);
    let cases = [
        (create(|body| body["colour"] = json!(1)), "colour"),
        (
            create(|body| body["product_id"] = json!("no good")),
            "product_id",
        ),
        (
            create(|body| body["title"] = json!({ "de": "Tee" })),
            "title",
        ),
        (create(|body| body["variants"] = json!([])), "variants"),
        (
            create(|body| body["variants"][0]["price"] = yen(0)),
            "variants[0].price.amount_minor",
        ),
        (
            create(|body| body["variants"][0]["price"]["currency"] = json!("YEN")),
            "variants[0].price.currency",
        ),
        (
            create(|body| body["variants"][0]["tax_class"] = json!("none")),
            "variants[0].tax_class",
        ),
        (
            create(|body| body["variants"][0]["weight_grams"] = json!(-1)),
            "variants[0].weight_grams",
        ),
        (price(json!({ "sku": "tea-9", "price": yen(1) })), "sku"),
        (
            price(json!({ "sku": "tea-1", "price": yen(-1) })),
            "price.amount_minor",
        ),
        (price(json!({ "sku": "tea-1" })), "price"),
        (Request::new("GET", "/api/products?limit=0"), "limit"),
        (Request::new("GET", "/api/products?limit=101"), "limit"),
        (Request::new("GET", "/api/products?cursor=x"), "cursor"),
        (Request::new("GET", "/api/products?category="), "category"),
        (Request::new("GET", "/api/products?page=2"), "page"),
        (
            Request::new("GET", &format!("/api/products?q={}", "x".repeat(201))),
            "q",
        ),
    ];
    for (request, field) in cases {
        let refused = shop.http(&request).await;
        assert_eq!(refused.status, 400, "{request:?}: {refused:?}");
        let text = refused.body["errors"].to_string();
        assert!(text.contains(field), "{field}: {text}");
    }
    for path in ["unknown/publish", "unknown/retire", "no%20good/publish"] {
        let answer = shop
            .http(&operator("POST", &format!("/api/operator/products/{path}")))
            .await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(get(&shop, "/api/products/unknown").await.status, 404);
    assert_eq!(shop.store.take_changes(), []);
}

#[tokio::test]
async fn operators_only() {
    let shop = shop();
    for path in ["", "/import", "/tea/publish", "/tea/retire", "/tea/price"] {
        let path = format!("/api/operator/products{path}");
        let nobody = shop
            .http(&Request::new("POST", &path).json(&json!({})))
            .await;
        let customer = shop
            .http(
                &Request::new("POST", &path)
                    .by_customer("c-1")
                    .json(&json!({})),
            )
            .await;
        assert_eq!((nobody.status, customer.status), (401, 403), "{path}");
    }
}

#[tokio::test]
async fn a_message_that_comes_all_the_same_stays_with_its_queue() {
    let shop = shop();
    let text = fs::read_to_string(format!(
        "{}/../../shared/contracts/examples/orders.OrderPlaced.v1.json",
        env!("CARGO_MANIFEST_DIR")
    ));
    shop.deliver_bodies(&[text.unwrap()]).await;
    assert_eq!(shop.published_types(), [""; 0]);
    assert!(shop.dead_letter_reasons()[0].contains("none that this context hears"));
}

#[tokio::test]
#[should_panic(expected = "not relayed")]
async fn the_harness_fails_where_a_commit_stays_unpublished() {
    let shop = shop();
    import_lines(&shop, &[product("tea", "Tea", "Tea", "茶")]).await;
}

#[tokio::test]
async fn a_category_is_called_what_operators_say_and_by_its_name_otherwise() {
    let shop = shop();
    let name = |title: Value| {
        let body = json!({ "name": "Tea & more / bowls", "title": title });
        operator("PUT", "/api/operator/categories").json(&body)
    };
    let titles = json!({ "en": "Tea and bowls", "ja": "茶と茶碗" });
    let given = shop.http(&name(titles.clone())).await;
    assert_eq!((given.status, &given.body["title"]), (200, &titles));
    shop.relay().await;
    assert_eq!(shop.published_types(), Vec::<String>::new());
    // Nothing is listed that has no product.
    let listed = get(&shop, "/api/categories").await.body;
    assert_eq!(listed, json!({ "categories": [] }));

    let products = [
        product("bowl", "Tea & more / bowls", "Bowl", "茶碗"),
        product("rice", "Rice", "Rice", "米"),
    ];
    let _ = import_lines(&shop, &products).await;
    let listed = get(&shop, "/api/categories").await.body;
    let expected = json!([
        { "name": "Rice", "products": 1 },
        { "name": "Tea & more / bowls", "title": titles, "products": 1 },
    ]);
    assert_eq!(listed["categories"], expected);

    assert_eq!(shop.http(&name(json!({}))).await.status, 200);
    let listed = get(&shop, "/api/categories").await.body;
    assert_eq!(
        listed["categories"][1],
        json!({ "name": "Tea & more / bowls", "products": 1 })
    );
    let wrong = shop.http(&name(json!({ "ja": " " }))).await;
    assert_eq!(
        (wrong.status, &wrong.body["errors"][0]["field"]),
        (400, &json!("title.ja"))
    );
    let nobody = Request::new("PUT", "/api/operator/categories")
        .json(&json!({ "name": "Tea", "title": {} }));
    assert_eq!(shop.http(&nobody).await.status, 401);
    shop.relay().await;
}
