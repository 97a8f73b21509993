//! What the routes of the catalog say of themselves, with examples.

use door::Problem;
use identifiers::{ProductId, Sku};
use openapi::{Description, Route};
use serde_json::{Value, json};
use store::Store;

use super::{
    CategoriesView, CategoryTitle, ListView, categories, change_price, create, import_rows, list,
    name_category, publish, refused, retire, show, show_of_sku,
};
use crate::import::Imported;
use crate::product::ProductRejection;
use crate::view::ProductView;

const PRODUCT_ID: &str = "onigiri-salmon";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut catalog = door::describe(
        "catalog",
        "Products, their variants, categories and prices. Anybody reads what is published; operators write.",
    );
    let _ = catalog
        .get("/api/products", "listProducts", list::<S>)
        .says(
            "Lists or searches what is on sale",
            "By title, a page at a time. All words of `q` must stand in its titles, in whatever language.",
        )
        .query_example("q", "salmon")
        .query_example("category", "Onigiri")
        .query_example("limit", 20)
        .refuses(&Problem::field("limit", "must be 1 to 100"))
        .refuses(&Problem::field("cursor", "the cursor is not one that an answer gave"))
        .answers::<ListView<'static>>(
            200,
            "A page of products",
            json!({ "products": [product("published")], "next": null }),
        );
    let _ = of_product(catalog.get("/api/products/{product_id}", "showProduct", show::<S>))
        .says(
            "Shows a product",
            "What was once on sale can still be looked at; a draft cannot.",
        )
        .answers::<ProductView<'static>>(200, "The product", product("published"));
    let _ = catalog
        .get("/api/skus/{sku}", "showProductOfSku", show_of_sku::<S>)
        .says(
            "Shows the product that a SKU belongs to",
            "Also one that has given the SKU up or was retired, so that what was once ordered can be called by name.",
        )
        .path::<Sku>("sku", "The SKU", "SENCHA-100G")
        .refuses(&Problem::not_found("SKU SENCHA-100G"))
        .answers::<ProductView<'static>>(200, "The product", product("published"));
    let _ = catalog
        .get("/api/categories", "listCategories", categories::<S>)
        .says(
            "Lists the categories",
            "By name, each with what it is called and the number of its published products.",
        )
        .answers::<CategoriesView>(
            200,
            "All categories",
            json!({ "categories": [{ "name": "Onigiri", "title": { "ja": "おにぎり" }, "products": 12 }] }),
        );
    let called = json!({ "name": "Onigiri", "title": { "en": "Rice balls", "ja": "おにぎり" } });
    let _ = catalog
        .put(
            "/api/operator/categories",
            "nameCategory",
            name_category::<S>,
        )
        .says(
            "Says what a category is called",
            "In each language, in place of what was said before. Products go on saying its name.",
        )
        .body_example("usual", "In two languages", called.clone())
        .answers::<CategoryTitle>(200, "What it is called", called)
        .refuses(&Problem::field("title.ja", "must be 1 to 200 characters"));
    let mut wished = product("draft");
    wished
        .as_object_mut()
        .expect("it is an object")
        .remove("status");
    let _ = catalog
        .post("/api/operator/products", "createProduct", create::<S>)
        .says(
            "Drafts a product",
            "It is on sale once it is published. Drafting the same product again changes nothing.",
        )
        .body_example("usual", "One variant, in two languages", wished)
        .answers::<ProductView<'static>>(201, "The product is drafted", product("draft"))
        .answers::<ProductView<'static>>(
            200,
            "The same product was drafted before",
            product("draft"),
        )
        .refuses(&Problem::field("title", "must be in en or ja at least"))
        .refuses(&refusal(ProductRejection::Exists))
        .refuses(&refusal(ProductRejection::Retired))
        .refuses(&sku_taken());
    let _ = of_product(catalog.post(
        "/api/operator/products/{product_id}/publish",
        "publishProduct",
        publish::<S>,
    ))
    .says(
        "Puts a product on sale",
        "Publishing what is published changes nothing.",
    )
    .answers::<ProductView<'static>>(200, "The product", product("published"))
    .refuses(&refusal(ProductRejection::Retired));
    let _ = of_product(catalog.post(
        "/api/operator/products/{product_id}/retire",
        "retireProduct",
        retire::<S>,
    ))
    .says(
        "Takes a product off sale for good",
        "Retiring what is retired changes nothing.",
    )
    .answers::<ProductView<'static>>(200, "The product", product("retired"));
    let price =
        json!({ "sku": "ONIGIRI-SALMON", "price": { "amount_minor": 158, "currency": "JPY" } });
    let _ = of_product(catalog.post(
        "/api/operator/products/{product_id}/price",
        "changePrice",
        change_price::<S>,
    ))
    .says(
        "Changes the price of a variant",
        "In the currency that it has. Orders placed before keep their price.",
    )
    .body_example("usual", "Ten yen more", price)
    .answers::<ProductView<'static>>(200, "The product", product("published"))
    .refuses(&Problem::field(
        "price.amount_minor",
        "must be 1 to 1000000000",
    ))
    .refuses(&refusal(ProductRejection::Retired));
    let csv = "product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams\n\
        onigiri-salmon,ONIGIRI-SALMON,Salmon onigiri,おにぎり 鮭,Onigiri,148,JPY,reduced,110\n";
    let mut row = product("draft");
    row.as_object_mut()
        .expect("it is an object")
        .remove("status");
    let text = json!({ "type": "string", "maxLength": door::MAX_BODY_BYTES });
    let imported = json!({
        "created": 1, "updated": 0, "unchanged": 0, "rejected": 1,
        "errors": [{ "row": 2, "field": "price_minor", "message": "must be 1 to 1000000000" }],
    });
    let _ = catalog
        .post("/api/operator/products/import", "importProducts", import_rows::<S>)
        .says(
            "Creates or updates many products, and publishes them",
            "Up to 1000 rows or 1 MiB a request. Rows of CSV with one product id are variants of one product; a line of \
             JSON is a whole product. Idempotent by content: what is so already is left alone. Rows that are refused are \
             told in the answer and keep nobody else back.",
        )
        .no_longer_reads("Idempotency-Key", "Not read: a row has its content for a name, and the same row again changes nothing")
        .query_example("from", 1)
        .raw_body("text/csv", text.clone(), "One row", csv.into())
        .raw_body("application/x-ndjson", text, "One line", format!("{row}\n").into())
        .ok("What came of it", imported)
        .refuses(&Problem::field("body", "has more than 1000 rows"))
        .refuses(&Problem::unsupported_media_type("text/csv or application/x-ndjson"));
    // The import's type is told by its handler; this holds the two together.
    let _: fn() -> Imported = Imported::default;
    catalog
}

fn refusal(rejection: ProductRejection) -> Problem {
    let product_id = ProductId::new(PRODUCT_ID).expect("it is a product id");
    refused(&product_id, rejection)
}

fn sku_taken() -> Problem {
    refusal(ProductRejection::SkuTaken {
        sku: Sku::new("ONIGIRI-SALMON").expect("it is a SKU"),
        owner: ProductId::new("onigiri-salmon-small").expect("it is a product id"),
    })
}

fn of_product(route: Route<'_>) -> Route<'_> {
    route
        .path::<ProductId>("product_id", "The product", PRODUCT_ID)
        .refuses(&Problem::not_found(format!("product {PRODUCT_ID}")))
}

fn product(status: &str) -> Value {
    json!({
        "product_id": PRODUCT_ID,
        "status": status,
        "category": "Onigiri",
        "title": { "en": "Salmon onigiri", "ja": "おにぎり 鮭" },
        "description": { "en": "Rice with grilled salmon." },
        "variants": [{
            "sku": "ONIGIRI-SALMON",
            "price": { "amount_minor": 148, "currency": "JPY" },
            "tax_class": "reduced",
            "weight_grams": 110,
        }],
    })
}
