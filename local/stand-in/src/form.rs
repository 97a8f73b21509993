//! Form-encoded parameters with nested keys, as Stripe's v1 API takes them: `metadata[order_id]=7`,
//! `payment_method_types[]=card`, `expand[0]=latest_charge`.

use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// More pairs than any request here needs; a longer form is refused before it is built up.
const MAXIMUM_PAIRS: usize = 1_000;
/// Deeper than any parameter of Stripe's.
const MAXIMUM_DEPTH: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Map(BTreeMap<String, Node>),
}

/// Parameters, taken out one by one; what is left at the end was unknown and is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params {
    prefix: String,
    nodes: BTreeMap<String, Node>,
}

impl Params {
    /// Reads a query string or a form body.
    pub fn parse(encoded: &[u8]) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(encoded)
            .map_err(|_| Refusal::malformed(400, "Invalid form-encoded request body or query."))?;
        let mut params = Self::default();
        params.add_all(pairs)?;
        Ok(params)
    }

    fn add_all(&mut self, pairs: Vec<(String, String)>) -> Result<(), Refusal> {
        if pairs.len() > MAXIMUM_PAIRS {
            return Err(Refusal::malformed(
                400,
                format!("Too many parameters: at most {MAXIMUM_PAIRS} are allowed."),
            ));
        }
        for (name, value) in pairs {
            let path = key_path(&name)?;
            insert(&mut self.nodes, &path, value).map_err(|()| {
                Refusal::parameter(
                    "parameter_invalid_string",
                    &name,
                    format!("Invalid parameter: {name}"),
                )
            })?;
        }
        Ok(())
    }

    /// A text that does not depend on the parameters' order, to tell a repeated request from a changed one.
    pub fn canonical(&self) -> String {
        fn write(prefix: &str, nodes: &BTreeMap<String, Node>, into: &mut String) {
            for (name, node) in nodes {
                match node {
                    Node::Text(text) => {
                        // The lengths keep two different forms from running into one text.
                        into.push_str(&format!("{prefix}[{name}]={}:{text};", text.len()));
                    }
                    Node::Map(inner) => write(&format!("{prefix}[{name}]"), inner, into),
                }
            }
        }
        let mut text = String::new();
        write("", &self.nodes, &mut text);
        text
    }

    fn full_name(&self, name: &str) -> String {
        if self.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.prefix)
        }
    }

    /// A text; an empty one counts as a mistake, as Stripe takes it for an attempt to unset a parameter.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let full = self.full_name(name);
        match self.nodes.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Err(Refusal::parameter(
                "parameter_invalid_empty",
                &full,
                format!(
                    "You passed an empty string for '{full}'. We assume empty values are an attempt to unset a parameter; \
                     however '{full}' cannot be unset."
                ),
            )),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(Node::Map(_)) => Err(Refusal::parameter(
                "parameter_invalid_string",
                &full,
                format!("Invalid string: {full}"),
            )),
        }
    }

    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let full = self.full_name(name);
        self.text(name)?
            .map(|text| {
                text.parse().map_err(|_| {
                    Refusal::parameter(
                        "parameter_invalid_integer",
                        &full,
                        format!("Invalid integer: {text}"),
                    )
                })
            })
            .transpose()
    }

    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        let full = self.full_name(name);
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(Refusal::parameter(
                "parameter_invalid_boolean",
                &full,
                format!("Invalid boolean: {text}"),
            )),
        }
    }

    /// One of a closed set of words.
    pub fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Refusal> {
        let full = self.full_name(name);
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, choice)) => Ok(Some(*choice)),
            None => {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                Err(Refusal::parameter(
                    "parameter_invalid_enum",
                    &full,
                    format!("Invalid {full}: must be one of {}", words.join(", ")),
                ))
            }
        }
    }

    pub fn list(&mut self, name: &str) -> Result<Vec<String>, Refusal> {
        let full = self.full_name(name);
        let invalid = || {
            Refusal::parameter(
                "parameter_invalid_array",
                &full,
                format!("Invalid array: {full}"),
            )
        };
        match self.nodes.remove(name) {
            None => Ok(Vec::new()),
            Some(Node::Text(_)) => Err(invalid()),
            Some(Node::Map(items)) => {
                let mut numbered = Vec::with_capacity(items.len());
                for (index, item) in items {
                    match (index.parse::<u32>(), item) {
                        (Ok(index), Node::Text(text)) => numbered.push((index, text)),
                        (Ok(_) | Err(_), Node::Map(_) | Node::Text(_)) => return Err(invalid()),
                    }
                }
                numbered.sort();
                Ok(numbered.into_iter().map(|(_, text)| text).collect())
            }
        }
    }

    /// The parameters nested under `name`.
    pub fn nested(&mut self, name: &str) -> Result<Option<Params>, Refusal> {
        let full = self.full_name(name);
        match self.nodes.remove(name) {
            None => Ok(None),
            Some(Node::Map(nodes)) => Ok(Some(Params {
                prefix: full,
                nodes,
            })),
            Some(Node::Text(_)) => Err(Refusal::parameter(
                "parameter_invalid_object",
                &full,
                format!("Invalid object: {full}"),
            )),
        }
    }

    /// What is left, as flat pairs in which an empty text means "unset" (metadata).
    pub fn into_pairs(self) -> Result<Vec<(String, String)>, Refusal> {
        self.nodes
            .into_iter()
            .map(|(name, node)| match node {
                Node::Text(text) => Ok((name, text)),
                Node::Map(_) => {
                    let full = format!("{}[{name}]", self.prefix);
                    Err(Refusal::parameter(
                        "parameter_invalid_string",
                        &full,
                        format!("Invalid string: {full}"),
                    ))
                }
            })
            .collect()
    }

    /// Refuses whatever nobody asked for.
    pub fn finish(self) -> Result<(), Refusal> {
        match self.nodes.keys().next() {
            None => Ok(()),
            Some(name) => {
                let full = self.full_name(name);
                Err(Refusal::parameter(
                    "parameter_unknown",
                    &full,
                    format!("Received unknown parameter: {full}"),
                ))
            }
        }
    }
}

/// `a[b][]` as `a`, `b`, empty.
fn key_path(name: &str) -> Result<Vec<String>, Refusal> {
    let invalid = || Refusal::malformed(400, format!("Invalid parameter name: {name}"));
    let (first, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    if first.is_empty() {
        return Err(invalid());
    }
    let mut path = vec![first.to_owned()];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(invalid)?;
        let end = inner.find(']').ok_or_else(invalid)?;
        path.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
        if path.len() > MAXIMUM_DEPTH {
            return Err(invalid());
        }
    }
    Ok(path)
}

fn insert(nodes: &mut BTreeMap<String, Node>, path: &[String], value: String) -> Result<(), ()> {
    let Some((first, rest)) = path.split_first() else {
        return Err(());
    };
    let name = element_name(nodes, first);
    if rest.is_empty() {
        // A scalar given twice takes its last value; one given both as scalar and as object is a mistake.
        return match nodes.insert(name, Node::Text(value)) {
            None | Some(Node::Text(_)) => Ok(()),
            Some(Node::Map(_)) => Err(()),
        };
    }
    match nodes
        .entry(name)
        .or_insert_with(|| Node::Map(BTreeMap::new()))
    {
        Node::Map(inner) => insert(inner, rest, value),
        Node::Text(_) => Err(()),
    }
}

/// `[]` is the next free element of an array.
fn element_name(nodes: &BTreeMap<String, Node>, name: &str) -> String {
    if name.is_empty() {
        nodes.len().to_string()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_keys_lists_and_leftovers() {
        let mut params = Params::parse(
            b"amount=1200&metadata[order_id]=o-1&metadata[7]=x&payment_method_types[]=card&payment_method_types[]=konbini&off=1",
        )
        .unwrap();
        assert_eq!(params.integer("amount").unwrap(), Some(1200));
        assert_eq!(
            params.list("payment_method_types").unwrap(),
            ["card", "konbini"]
        );
        let metadata = params
            .nested("metadata")
            .unwrap()
            .unwrap()
            .into_pairs()
            .unwrap();
        assert!(metadata.contains(&("order_id".to_owned(), "o-1".to_owned())));
        let refusal = params.finish().unwrap_err();
        assert_eq!(refusal.body()["error"]["code"], "parameter_unknown");
        assert_eq!(refusal.body()["error"]["param"], "off");
    }

    #[test]
    fn order_of_parameters_does_not_change_the_canonical_text() {
        let one = Params::parse(b"a=1&b[c]=2").unwrap().canonical();
        let other = Params::parse(b"b[c]=2&a=1").unwrap().canonical();
        assert_eq!(one, other);
        assert_ne!(one, Params::parse(b"a=1&b[c]=3").unwrap().canonical());
    }

    #[test]
    fn bad_shapes_are_refused() {
        for form in [
            "a[b=1",
            "[a]=1",
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[b][c][d][e][f][g]=1",
            "a[b]c=1",
        ] {
            assert!(Params::parse(form.as_bytes()).is_err(), "{form}");
        }
    }
}
