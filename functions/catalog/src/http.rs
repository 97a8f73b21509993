//! The catalog over HTTP: reading for anybody, writing for operators.

mod description;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use decider::{ExecuteError, execute, read};
use door::{
    Arrival, Body, FieldProblem, Operator, Parameters, Problem, RawBody, RequestCause, UnkeyedCause,
};
use identifiers::{ProductId, Sku};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{Consistency, Origin, Store};

use crate::Catalog;
use crate::category::{Category, CategoryRejection, NameCategory};
use crate::change::change;
use crate::content::{ContentProblem, MAX_CATEGORY_CHARACTERS, Texts, check_price};
use crate::import::{Format, Imported, import, read as read_rows};
use crate::listing::{self, ListedCategory};
use crate::product::{Product, ProductCommand, ProductRejection, ProductStatus};
use crate::shelf::{Search, hand_segment};
use crate::store::{owner_of, sku_key};
use crate::view::{ProductBody, ProductView};

pub(crate) use description::description;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;
/// The longest search text, in characters.
const MAX_SEARCH_CHARACTERS: usize = 200;

/// The catalog's routes.
pub fn router<S: Store + Clone>(catalog: Catalog<S>) -> Router {
    Router::new()
        .route("/api/products", get(list::<S>))
        .route("/api/products/{product_id}", get(show::<S>))
        .route("/api/skus/{sku}", get(show_of_sku::<S>))
        .route("/api/categories", get(categories::<S>))
        .route("/api/operator/categories", put(name_category::<S>))
        .route("/api/operator/products", post(create::<S>))
        .route("/api/operator/products/import", post(import_rows::<S>))
        .route(
            "/api/operator/products/{product_id}/publish",
            post(publish::<S>),
        )
        .route(
            "/api/operator/products/{product_id}/retire",
            post(retire::<S>),
        )
        .route(
            "/api/operator/products/{product_id}/price",
            post(change_price::<S>),
        )
        .with_state(catalog)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListParameters {
    /// Only products of this category.
    #[schemars(length(min = 1))]
    category: Option<String>,
    /// Words that must stand in a title, in whatever language.
    #[schemars(length(max = MAX_SEARCH_CHARACTERS))]
    q: Option<String>,
    /// How many products a page has at most; 20 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ProductPage")]
struct ListView<'a> {
    products: Vec<ProductView<'a>>,
    next: Option<String>,
}

async fn list<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Response, Problem> {
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(Problem::field("limit", format!("must be 1 to {MAX_LIMIT}")));
    }
    let cursor = parameters.cursor.as_deref();
    let text = parameters.q.unwrap_or_default();
    if text.chars().count() > MAX_SEARCH_CHARACTERS {
        let rule = format!("must be at most {MAX_SEARCH_CHARACTERS} characters");
        return Err(Problem::field("q", rule));
    }
    let listed = match parameters.category {
        Some(category) if text.trim().is_empty() => {
            if category.is_empty() {
                return Err(Problem::field("category", "must not be empty"));
            }
            let query = listing::of_category(&category, limit).resume_at(cursor)?;
            listing::in_category(&catalog.store, &query).await?
        }
        category => {
            let search = Search::new(&text, category);
            let after = cursor.map(listing::place_after).transpose()?;
            let (store, reader) = (&catalog.store, &catalog.reader);
            listing::found(store, reader, &search, limit, after, now).await?
        }
    };
    let products = listed.products.iter().map(ProductView::of).collect();
    let next = listed.next.map(|cursor| cursor.to_text());
    Ok(Json(ListView { products, next }).into_response())
}

async fn show<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let product_id = product_id(id)?;
    match shown(&catalog, &product_id).await? {
        Some(product) => Ok(Json(ProductView::of(&product)).into_response()),
        None => Err(Problem::not_found(format!("product {product_id}"))),
    }
}

/// Whose a SKU is, it stays for ever: an order's lines can be called by name however old it is.
async fn show_of_sku<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    Path(sku): Path<String>,
) -> Result<Response, Problem> {
    let sku = Sku::new(&sku).map_err(|_| Problem::not_found("this SKU"))?;
    let owner = catalog
        .store
        .load(&sku_key(&sku), Consistency::Eventual)
        .await?;
    let product = match owner.as_ref().and_then(owner_of) {
        Some(product_id) => shown(&catalog, &product_id).await?,
        None => None,
    };
    match product {
        Some(product) => Ok(Json(ProductView::of(&product)).into_response()),
        None => Err(Problem::not_found(format!("SKU {sku}"))),
    }
}

/// A product that anybody may see: a draft is nobody's business yet; what was once sold can still be looked at.
async fn shown<S: Store + Clone>(
    catalog: &Catalog<S>,
    product_id: &ProductId,
) -> Result<Option<Product>, Problem> {
    let product = read::<Product, S>(&catalog.store, product_id).await?;
    Ok(product.filter(|product| product.status != ProductStatus::Draft))
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Categories")]
struct CategoriesView {
    categories: Vec<CategoryView>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Category")]
struct CategoryView {
    name: String,
    /// What it is called, by language; left out where nobody said.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    title: Texts,
    products: i64,
}

async fn categories<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
) -> Result<Json<CategoriesView>, Problem> {
    let categories = listing::categories(&catalog.store).await?;
    let view = |listed: ListedCategory| CategoryView {
        name: listed.name,
        title: listed.title,
        products: listed.products,
    };
    Ok(Json(CategoriesView {
        categories: categories.into_iter().map(view).collect(),
    }))
}

/// What a category is called, whether it has products yet or not.
#[derive(Deserialize, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CategoryTitle")]
struct CategoryTitle {
    /// The name that products say.
    #[schemars(length(min = 1, max = MAX_CATEGORY_CHARACTERS))]
    name: String,
    /// What it is called, by language; in none, it is called by its name.
    title: Texts,
}

/// The name stands in the body: it may hold any character, and a path may not.
async fn name_category<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    RequestCause(cause): RequestCause,
    Body(CategoryTitle { name, title }): Body<CategoryTitle>,
) -> Result<Json<CategoryTitle>, Problem> {
    let category = Category {
        name: name.clone(),
        title,
    };
    // Before anything is read: the name is the item's key, and the table takes no empty one.
    let problems = category.problems();
    if !problems.is_empty() {
        return Err(Problem::fields(problems.into_iter().map(field).collect()));
    }
    let command = NameCategory(category);
    let named = execute::<Category, S>(&catalog.store, &name, &cause, Origin::Http, &command).await;
    match named {
        Ok(outcome) => {
            let Category { name, title } = outcome.state.unwrap_or(command.0);
            Ok(Json(CategoryTitle { name, title }))
        }
        Err(ExecuteError::Rejected(CategoryRejection(problems))) => {
            Err(Problem::fields(problems.into_iter().map(field).collect()))
        }
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

async fn create<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    cause: RequestCause,
    Body(body): Body<ProductBody>,
) -> Result<Response, Problem> {
    let (product_id, content) = body.into_content();
    // Before it is asked whether the request is a repeat: what makes no sense makes none under any key.
    let problems = content.problems();
    if !problems.is_empty() {
        return Err(refused(&product_id, ProductRejection::Invalid(problems)));
    }
    let command = ProductCommand::Create {
        product_id: product_id.clone(),
        content,
    };
    let changed = act(&catalog, &product_id, cause, &command).await?;
    let status = if changed.new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(ProductView::of(&changed.product))).into_response())
}

async fn publish<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let product_id = product_id(id)?;
    let segment = hand_segment(&product_id);
    let command = ProductCommand::Publish { segment };
    let changed = act(&catalog, &product_id, cause, &command).await?;
    Ok(Json(ProductView::of(&changed.product)).into_response())
}

async fn retire<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let product_id = product_id(id)?;
    let changed = act(&catalog, &product_id, cause, &ProductCommand::Retire).await?;
    Ok(Json(ProductView::of(&changed.product)).into_response())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PriceChange")]
struct PriceBody {
    sku: Sku,
    price: Money,
}

async fn change_price<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
    Body(PriceBody { sku, price }): Body<PriceBody>,
) -> Result<Response, Problem> {
    let product_id = product_id(id)?;
    check_price(price).map_err(|rule| Problem::field("price.amount_minor", rule))?;
    let command = ProductCommand::ChangePrice { sku, price };
    let changed = act(&catalog, &product_id, cause, &command).await?;
    Ok(Json(ProductView::of(&changed.product)).into_response())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ImportParameters {
    /// The number of the request's first row.
    from: Option<usize>,
}

async fn import_rows<S: Store + Clone>(
    State(catalog): State<Catalog<S>>,
    _: Operator,
    UnkeyedCause(cause): UnkeyedCause,
    Parameters(parameters): Parameters<ImportParameters>,
    headers: HeaderMap,
    RawBody(bytes): RawBody,
) -> Result<Json<Imported>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let format = match content_type.split(';').next().unwrap_or_default().trim() {
        kind if kind.eq_ignore_ascii_case("text/csv") => Format::Csv,
        kind if kind.eq_ignore_ascii_case("application/x-ndjson") => Format::JsonLines,
        _ => {
            return Err(Problem::unsupported_media_type(
                "text/csv or application/x-ndjson",
            ));
        }
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Problem::field("body", format!("is not UTF-8: {error}")))?;
    let rows = read_rows(text, format, parameters.from.unwrap_or(1));
    let rows = rows.map_err(|error| Problem::field("body", error.to_string()))?;
    let imported = import(&catalog.store, rows, &cause).await;
    // Also after a failure: a part may have been written.
    catalog.reader.forget();
    Ok(Json(imported?))
}

fn product_id(text: String) -> Result<ProductId, Problem> {
    ProductId::new(text).map_err(|_| Problem::not_found("this product"))
}

struct Changed {
    product: Product,
    new: bool,
}

async fn act<S: Store + Clone>(
    catalog: &Catalog<S>,
    product_id: &ProductId,
    RequestCause(cause): RequestCause,
    command: &ProductCommand,
) -> Result<Changed, Problem> {
    let result = change(&catalog.store, product_id, &cause, command).await;
    catalog.reader.forget();
    match result {
        Ok(outcome) => match outcome.state {
            Some(product) => Ok(Changed {
                product,
                new: outcome.committed,
            }),
            None => Err(Problem::not_found(format!("product {product_id}"))),
        },
        Err(ExecuteError::Rejected(rejection)) => Err(refused(product_id, rejection)),
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

fn refused(product_id: &ProductId, rejection: ProductRejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        ProductRejection::Unknown => Problem::not_found(format!("product {product_id}")),
        ProductRejection::Exists => Problem::conflict("product-exists", detail),
        ProductRejection::Retired => Problem::conflict("product-retired", detail),
        ProductRejection::SkuTaken { .. } => Problem::conflict("sku-taken", detail),
        ProductRejection::Invalid(problems) => {
            Problem::fields(problems.into_iter().map(field).collect())
        }
        ProductRejection::NoSuchSku(_) => Problem::field("sku", detail),
        ProductRejection::Price(_) => Problem::field("price.amount_minor", detail),
        ProductRejection::OtherCurrency => Problem::field("price.currency", detail),
    }
}

fn field(problem: ContentProblem) -> FieldProblem {
    FieldProblem {
        field: problem.field,
        message: problem.message,
    }
}
