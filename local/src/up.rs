//! The command `up`: starts a stack, says where it is, and stops it on Ctrl-C.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use noren::{Addresses, Functions, Isolation, Pages, Ports, Stack, StackOptions, prepare_pages};
use sam_template::EventSource;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::shop;

/// Name of the template, looked for in the current directory and those above it.
const TEMPLATE: &str = "template.yaml";

#[derive(Args)]
pub(crate) struct Arguments {
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    template: Option<PathBuf>,
    /// Where all state is kept [default: .noren beside the template].
    #[arg(long, env = "NOREN_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Port of the HTTP API; 0 takes any free one, here and below.
    #[arg(long, env = "NOREN_PORT", default_value_t = Ports::default().http_api)]
    port: u16,
    /// Port of the AWS endpoint: DynamoDB with its streams, SNS, SQS and SES.
    #[arg(long, env = "NOREN_AWS_PORT", default_value_t = Ports::default().aws)]
    aws_port: u16,
    /// Port of the payment stand-in.
    #[arg(long, env = "NOREN_PAYMENTS_PORT", default_value_t = Ports::default().payments)]
    payments_port: u16,
    /// Port of the mail inbox.
    #[arg(long, env = "NOREN_MAIL_PORT", default_value_t = Ports::default().mail)]
    mail_port: u16,
    /// Port of the OpenID Connect issuer with the login page.
    #[arg(long, env = "NOREN_IDENTITY_PORT", default_value_t = Ports::default().identity)]
    identity_port: u16,
    /// Run each function in processes of its own: the binaries that are deployed, over the Lambda Runtime API.
    #[arg(long)]
    isolated: bool,
    /// Processes of each function with --isolated.
    #[arg(long, value_name = "N", default_value_t = Isolation::default().processes)]
    processes: usize,
    /// Start with an empty shop instead of the sample shop.
    #[arg(long)]
    empty: bool,
    /// Say where everything is as one line of JSON, once it is up.
    #[arg(long)]
    json: bool,
    /// A value for a parameter of the template; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameter: Vec<(String, String)>,
}

impl Arguments {
    /// What the arguments say about a stack.
    pub(crate) fn options(self) -> anyhow::Result<StackOptions> {
        let template = match self.template {
            Some(template) => template,
            None => find_template()?,
        };
        let data_directory = self.data_dir.unwrap_or_else(|| {
            let beside = template.parent().unwrap_or(Path::new("."));
            beside.join(".noren")
        });
        let functions = match self.isolated {
            false => Functions::InProcess,
            true => Functions::Isolated(Isolation {
                processes: self.processes,
                ..Isolation::default()
            }),
        };
        Ok(StackOptions {
            parameters: BTreeMap::from_iter(self.parameter),
            data_directory: Some(data_directory),
            ports: Ports {
                http_api: self.port,
                aws: self.aws_port,
                payments: self.payments_port,
                mail: self.mail_port,
                identity: self.identity_port,
            },
            functions,
            ..StackOptions::in_memory(template)
        })
    }
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let with_sample_shop = !arguments.empty;
    let json = arguments.json;
    let mut options = arguments.options()?;
    let pages = prepare_pages(&options.template);
    if let Pages::Built(directory) = &pages {
        options.frontend = Some(directory.clone());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads could not be started")?;
    let ended = runtime.block_on(up(options, with_sample_shop, &pages, json));
    ended.map(|()| ExitCode::SUCCESS)
}

async fn up(
    options: StackOptions,
    with_sample_shop: bool,
    pages: &Pages,
    json: bool,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let data_directory = options.data_directory.clone().unwrap_or_default();
    let isolated = options.functions != Functions::InProcess;
    let stack = Stack::start(options).await?;
    if with_sample_shop && has_route(&stack, "POST", "/api/operator/products/import") {
        let loaded = shop::load_if_empty(stack.addresses()).await;
        loaded.context("the sample shop could not be loaded (--empty starts without it)")?;
    }
    if json {
        println!(
            "{}",
            places(&stack, &data_directory, isolated, pages, begun)
        );
    } else {
        print!(
            "{}",
            greeting(&stack, &data_directory, isolated, pages, begun)
        );
    }
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("Ctrl-C cannot be heard")?,
        _ = terminate.recv() => {}
    }
    eprintln!("noren: stopping; Ctrl-C again stops at once");
    tokio::select! {
        () = stack.stop() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

/// What the greeting says, for programs. There is no `shop` where the pages are not built.
fn places(stack: &Stack, data: &Path, isolated: bool, pages: &Pages, begun: Instant) -> Value {
    let addresses = stack.addresses();
    let shop = match pages {
        Pages::Built(_) => Some(&addresses.http_api),
        Pages::Unbuilt(_) | Pages::None => None,
    };
    json!({
        "milliseconds": begun.elapsed().as_millis(),
        "isolated": isolated,
        "shop": shop,
        "http_api": addresses.http_api,
        "aws": addresses.aws,
        "payments": addresses.payments,
        "mail": addresses.mail,
        "identity": addresses.identity,
        "events": addresses.event_pages(),
        "data_directory": data,
    })
}

fn greeting(stack: &Stack, data: &Path, isolated: bool, pages: &Pages, begun: Instant) -> String {
    let events = stack.addresses().event_pages();
    let Addresses {
        http_api,
        aws,
        payments,
        mail,
        identity,
    } = stack.addresses();
    let functions = match isolated {
        false => "in this process",
        true => "each in its own processes",
    };
    let milliseconds = begun.elapsed().as_millis();
    let data = data.display();
    let pages = match pages {
        Pages::Built(_) => {
            format!("  Shop            {http_api}    for operators: {http_api}/console/\n")
        }
        Pages::Unbuilt(reason) => format!("  Shop            the API alone: {reason}\n"),
        Pages::None => String::new(),
    };
    format!(
        "Noren is up, after {milliseconds} ms (functions {functions})

{pages}  HTTP API        {http_api}    described at {http_api}/api/docs
  AWS endpoint    {aws}    for example:
                  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --region ap-northeast-1 \\
                    --endpoint-url {aws} dynamodb list-tables
  Payments        {payments}/stand-in
  Mail            {mail}
  Sign-in         {identity}    accounts customer, customer-2, operator (password: the name)
  Events          {events}
  Data            {data}
{}
Ctrl-C stops it; what it holds is kept.
",
        placing(stack)
    )
}

/// How to place an order, where the template has a route for that.
fn placing(stack: &Stack) -> String {
    if !has_route(stack, "POST", "/api/orders") {
        return String::new();
    }
    format!(
        "
Place an order:
  curl -X POST {}/api/orders -H 'Authorization: Bearer customer:c-1' -H 'Idempotency-Key: 1' \\
    -H 'Content-Type: application/json' -d '{ORDER}'
",
        stack.addresses().http_api
    )
}

fn has_route(stack: &Stack, wanted_method: &str, wanted_path: &str) -> bool {
    let functions = stack.template().functions.iter();
    let mut sources = functions.flat_map(|function| &function.event_sources);
    sources.any(|source| match source {
        EventSource::Http { method, path, .. } => method == wanted_method && path == wanted_path,
        EventSource::Queue { .. } | EventSource::Stream { .. } | EventSource::Schedule { .. } => {
            false
        }
    })
}

/// An order from the sample shop.
const ORDER: &str = r#"{"lines":[{"sku":"ONIGIRI-SALMON","quantity":2}],"region":"JP-13","payment_method":"pm_card_visa"}"#;

pub(crate) fn find_template() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the current directory cannot be read")?;
    match here
        .ancestors()
        .map(|directory| directory.join(TEMPLATE))
        .find(|path| path.is_file())
    {
        Some(path) => Ok(path),
        None => bail!(
            "there is no {TEMPLATE} in {} or above it; name one with --template",
            here.display()
        ),
    }
}

pub(crate) fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_orders_what_the_sample_shop_sells() {
        let order: Value = serde_json::from_str(ORDER).unwrap();
        let sku = order["lines"][0]["sku"].as_str().unwrap();
        assert!(
            shop::PRODUCTS.contains(&format!(r#""sku":"{sku}""#)),
            "{sku}"
        );
        let region = order["region"].as_str().unwrap();
        assert!(shop::rates().unwrap().contains_key(region), "{region}");
    }
}
