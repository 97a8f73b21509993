//! Which stack a command means: by a flag, else by an environment variable, else the one on this machine's usual port.
//!
//! Owns the order of these. A flag wins over either variable, because whoever types one means it: a variable set in a
//! shell's profile must never turn a command about the local stack into one about the stack on AWS. Two of a kind that
//! name different stacks are refused. Does not own reaching the stack ([`crate::deployment`]).

use clap::Args;

use crate::ending::Misuse;

const STACK: &str = "NOREN_STACK";
const ENDPOINT: &str = "NOREN_ENDPOINT";
/// Where `noren up` puts the AWS endpoint unless told otherwise.
pub(crate) const USUAL_ENDPOINT: &str = "http://127.0.0.1:4566";

/// What the flags say of it.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct Where {
    /// A stack on AWS, by its CloudFormation name [env: NOREN_STACK]. Credentials and region are the AWS CLI's:
    /// environment or profile.
    #[arg(long, value_name = "NAME", conflicts_with = "endpoint")]
    pub(crate) stack: Option<String>,
    /// The AWS endpoint of a stack on this machine [env: NOREN_ENDPOINT] [default: http://127.0.0.1:4566].
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) endpoint: Option<String>,
    /// Region of the stack on AWS [default: the AWS CLI's].
    #[arg(long, value_name = "REGION", conflicts_with = "endpoint")]
    pub(crate) region: Option<String>,
}

/// The stack that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// On AWS.
    Aws {
        /// Its CloudFormation name.
        stack: String,
        /// Where it is, unless where the AWS CLI would look.
        region: Option<String>,
    },
    /// On this machine, by its AWS endpoint, without a slash at its end.
    Endpoint(String),
}

impl Where {
    /// The stack that is meant; the one on the usual port where nothing is said.
    ///
    /// # Errors
    /// Where what is said contradicts itself.
    pub(crate) fn place(&self) -> Result<Place, Misuse> {
        let usual = || Place::Endpoint(USUAL_ENDPOINT.to_owned());
        Ok(self.named()?.unwrap_or_else(usual))
    }

    /// The stack that a flag or a variable names, if one does.
    ///
    /// # Errors
    /// Where what is said contradicts itself.
    pub(crate) fn named(&self) -> Result<Option<Place>, Misuse> {
        self.named_with(|variable| std::env::var(variable).ok())
    }

    fn named_with(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Place>, Misuse> {
        // As shells have it, a variable that is empty says nothing.
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let place = match (&self.stack, &self.endpoint) {
            (Some(_), Some(_)) => {
                return Err(Misuse("--stack and --endpoint name two stacks".to_owned()));
            }
            (Some(stack), None) => Some(self.on_aws(stack)),
            (None, Some(endpoint)) => Some(here(endpoint)),
            (None, None) => match (variable(STACK), variable(ENDPOINT)) {
                (Some(_), Some(_)) => {
                    return Err(Misuse(format!(
                        "{STACK} and {ENDPOINT} are both set and name two stacks: say which with --stack or --endpoint"
                    )));
                }
                (Some(stack), None) => Some(self.on_aws(&stack)),
                (None, Some(endpoint)) => {
                    let endpoint = url(&endpoint)
                        .map_err(|why| Misuse(format!("{ENDPOINT} is \"{endpoint}\": {why}")))?;
                    Some(here(&endpoint))
                }
                (None, None) => None,
            },
        };
        if self.region.is_some() && !matches!(place, Some(Place::Aws { .. })) {
            return Err(Misuse(
                "--region is of a stack on AWS: name it with --stack".to_owned(),
            ));
        }
        Ok(place)
    }

    fn on_aws(&self, stack: &str) -> Place {
        Place::Aws {
            stack: stack.to_owned(),
            region: self.region.clone(),
        }
    }
}

fn here(endpoint: &str) -> Place {
    Place::Endpoint(endpoint.trim_end_matches('/').to_owned())
}

/// A base URL, as clap reads one.
///
/// # Errors
/// Where it is none.
pub(crate) fn url(text: &str) -> Result<String, String> {
    let is_base = text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none()
    });
    match is_base {
        true => Ok(text.to_owned()),
        false => Err(format!("write a URL such as {USUAL_ENDPOINT}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "http://127.0.0.1:1";

    fn at(stack: Option<&str>, endpoint: Option<&str>, region: Option<&str>) -> Where {
        Where {
            stack: stack.map(str::to_owned),
            endpoint: endpoint.map(str::to_owned),
            region: region.map(str::to_owned),
        }
    }

    fn named(at: &Where, set: &[(&str, &str)]) -> Result<Option<Place>, String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        at.named_with(variable).map_err(|misuse| misuse.0)
    }

    fn on_aws(stack: &str, region: Option<&str>) -> Place {
        let (stack, region) = (stack.to_owned(), region.map(str::to_owned));
        Place::Aws { stack, region }
    }

    #[test]
    fn a_flag_wins_over_either_variable() {
        let by_stack = [(STACK, "noren")];
        let by_endpoint = [(ENDPOINT, "http://127.0.0.1:4566/")];
        let both = [by_stack[0], by_endpoint[0]];
        let endpoint = at(None, Some(HERE), None);
        let stack = at(Some("shop"), None, Some("eu-west-1"));
        for set in [&by_stack[..], &by_endpoint, &both, &[]] {
            let found = named(&endpoint, set);
            assert_eq!(found, Ok(Some(Place::Endpoint(HERE.to_owned()))), "{set:?}");
            let found = named(&stack, set);
            assert_eq!(found, Ok(Some(on_aws("shop", Some("eu-west-1")))));
        }
        let nothing = at(None, None, None);
        assert_eq!(named(&nothing, &by_stack), Ok(Some(on_aws("noren", None))));
        let usual = Place::Endpoint(USUAL_ENDPOINT.to_owned());
        assert_eq!(named(&nothing, &by_endpoint), Ok(Some(usual)));
        assert_eq!(named(&nothing, &[]), Ok(None));
        assert_eq!(named(&nothing, &[(STACK, "")]), Ok(None));
        let region = at(None, None, Some("eu-west-1"));
        let found = named(&region, &by_stack);
        assert_eq!(found, Ok(Some(on_aws("noren", Some("eu-west-1")))));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |at: Where, set: &[(&str, &str)]| named(&at, set).unwrap_err();
        let both = [(STACK, "noren"), (ENDPOINT, HERE)];
        let said = refused(at(None, None, None), &both);
        assert!(said.contains(STACK) && said.contains(ENDPOINT), "{said}");
        let said = refused(at(Some("noren"), Some(HERE), None), &[]);
        assert!(said.contains("two stacks"), "{said}");
        let said = refused(at(None, None, Some("eu-west-1")), &[(ENDPOINT, HERE)]);
        assert!(said.contains("--stack"), "{said}");
        let said = refused(at(None, None, None), &[(ENDPOINT, "nonsense")]);
        assert!(said.contains("NOREN_ENDPOINT is \"nonsense\""), "{said}");
    }

    #[test]
    fn an_endpoint_is_a_base_url() {
        for good in [HERE, "http://localhost:4566/", "https://aws.example.com"] {
            assert_eq!(url(good), Ok(good.to_owned()));
        }
        for bad in [
            "nonsense",
            "localhost:4566",
            "",
            "ftp://a",
            "http://a/b",
            "http://",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
