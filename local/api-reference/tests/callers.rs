//! Whom a change would break is read from the sources, and said.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use api_reference::callers::Callers;
use api_reference::gate::refusals;
use api_reference::{artefact, document};
use openapi::changes;
use serde_json::{Value, json};
use tempfile::TempDir;

fn called(callers: &Callers, operation: &str) -> Vec<String> {
    callers
        .of(operation)
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// A shop with three routes.
fn shop() -> Value {
    let operation = |id: &str| json!({ "operationId": id, "responses": { "200": {} } });
    json!({ "paths": {
        "/api/tea": { "get": operation("listTea"), "post": operation("addTea") },
        "/api/tea/{sku}": { "get": operation("showTea"), "delete": operation("dropTea") },
        "/api/tea/{sku}/price": { "put": operation("priceTea") },
        "/api/tea/import": { "post": operation("importTea") },
    } })
}

fn write(root: &Path, file: &str, text: &str) {
    let file = root.join(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn workspace(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    files
        .iter()
        .for_each(|(file, text)| write(root.path(), file, text));
    root
}

#[test]
fn a_generated_function_is_followed_through_what_both_programs_share_to_who_uses_it() {
    let shared = "\
import { body } from './client';
import {
  type Tea,
  dropTea,
  listTea as all,
  showTea,
} from './generated';

const asked = (sku: string) => showTea({ path: { sku } });

export const teaOf = (sku: string): Promise<Tea> => body(asked(sku));

export const teas = () => body(all());
";
    let root = workspace(&[
        ("frontend/src/api/tea.ts", shared),
        (
            "frontend/src/api/generated/index.ts",
            "export { addTea, dropTea, importTea, listTea, showTea } from './sdk.gen';\n",
        ),
        (
            "frontend/src/shop/pages/Tea.tsx",
            "import { teaOf } from '../../api/tea';\nimport type { addTea } from '../../api/generated';\n",
        ),
        (
            "frontend/src/console/Teas.tsx",
            "import { teas } from '../api/tea';\nimport { type Tea, addTea } from '../api/generated';\n",
        ),
    ]);
    let callers = Callers::read(root.path(), &shop()).unwrap();
    assert_eq!(
        called(&callers, "GET /api/tea/{sku}"),
        ["the storefront (frontend/src/shop/pages/Tea.tsx)"]
    );
    for by_console in ["GET /api/tea", "POST /api/tea"] {
        let expected = ["the console (frontend/src/console/Teas.tsx)"];
        assert_eq!(called(&callers, by_console), expected, "{by_console}");
    }
    // What only the shared module has is not forgotten, though neither program uses it yet.
    assert_eq!(
        called(&callers, "DELETE /api/tea/{sku}"),
        ["the pages (frontend/src/api/tea.ts)"]
    );
    assert_eq!(called(&callers, "PUT /api/tea/{sku}/price"), [""; 0]);
    assert_eq!(called(&callers, "POST /api/tea/import"), [""; 0]);
}

#[test]
fn a_path_in_a_text_is_the_operation_that_it_fits_best() {
    let root = workspace(&[
        (
            "local/src/replay.rs",
            "// \"/api/tea\" is only spoken of\nlet path = format!(\"/api/tea/{sku}/price?now={now}\");\nask(\"POST\", \"/api/tea/import\");\n",
        ),
        (
            "docs/contracts/checks/try.py",
            "api.ask(\"GET\", f\"{base}/api/tea/{sku}\")\n",
        ),
        ("simulation/src/world.rs", "send(\"/api/tea\")\n"),
        ("bench/target/old.rs", "send(\"/api/tea\")\n"),
    ]);
    let callers = Callers::read(root.path(), &shop()).unwrap();
    assert_eq!(
        called(&callers, "PUT /api/tea/{sku}/price"),
        ["noren (local/src/replay.rs)"]
    );
    assert_eq!(
        called(&callers, "POST /api/tea/import"),
        ["noren (local/src/replay.rs)"]
    );
    // Not the product that is called import, nor by another method than the line says.
    assert_eq!(
        called(&callers, "GET /api/tea/{sku}"),
        ["the API's checks (docs/contracts/checks/try.py)"]
    );
    assert_eq!(called(&callers, "DELETE /api/tea/{sku}"), [""; 0]);
    // Where no method stands on the line, either may be meant.
    for either in ["GET /api/tea", "POST /api/tea"] {
        let expected = ["the simulation (simulation/src/world.rs)"];
        assert_eq!(called(&callers, either), expected, "{either}");
    }
}

#[test]
fn a_refusal_names_whom_it_would_break() {
    let root = workspace(&[
        (
            "frontend/src/shop/Teas.tsx",
            "import { listTea } from '../api/generated';\n",
        ),
        ("local/src/shop.rs", "get(\"/api/tea\")\n"),
    ]);
    let (old, mut new) = (shop(), shop());
    new["paths"]["/api/tea"]
        .as_object_mut()
        .unwrap()
        .remove("get");
    new["paths"]
        .as_object_mut()
        .unwrap()
        .remove("/api/tea/import");
    let refused = refusals(root.path(), &old, changes(&old, &new)).unwrap();
    let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "GET /api/tea: was removed\n  would break noren (local/src/shop.rs), the storefront \
             (frontend/src/shop/Teas.tsx) and callers outside",
            "POST /api/tea/import: was removed\n  would break callers outside only; none here calls it",
        ]
    );
}

#[test]
fn the_callers_of_this_repository_are_found() {
    let callers = Callers::read(&artefact::workspace(), &document()).unwrap();
    for (operation, expected) in [
        (
            "POST /api/cart/checkout",
            "the storefront (frontend/src/shop/pages/Checkout.tsx)",
        ),
        ("GET /api/guest/cart", "frontend/src/shop/cart.ts"),
        (
            "POST /api/operator/stock/{sku}/adjust",
            "the console (frontend/src/console/pages/Stock.tsx)",
        ),
        ("POST /api/orders", "local/src/replay/customer.rs"),
        (
            "POST /api/guest/session",
            "the API's checks (docs/contracts/checks/try_api.py)",
        ),
        ("POST /api/payments/webhook", "local/src/stack/services.rs"),
    ] {
        let found = called(&callers, operation).join(", ");
        assert!(found.contains(expected), "{operation}: {found}");
    }
    // Every function that the pages import of the client is one of an operation, and found.
    let documented = document();
    let mut by_pages = 0;
    for (path, item) in documented["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let operation = format!("{} {path}", method.to_ascii_uppercase());
            let called = callers.of(&operation);
            let of_pages = |program: &str| matches!(program, "the storefront" | "the console");
            by_pages += usize::from(called.iter().any(|one| of_pages(&one.program)));
            assert!(
                !called.iter().any(|one| one.program == "the repository"),
                "{operation}"
            );
        }
    }
    assert!(by_pages >= 60, "the pages call {by_pages} operations");
}
