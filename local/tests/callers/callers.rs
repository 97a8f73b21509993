//! The kinds of caller, and what each is to expect of a route.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use local_identity::{CLIENT_ID, Identity};
use serde_json::{Value, json};
use sha2::Sha256;

const SHOP: &str = "noren/shop";
const OPERATE: &str = "noren/operate";
const FAR: i64 = 4_102_444_800;

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    Nobody,
    Nonsense,
    Expired,
    WrongAudience,
    WrongIssuer,
    /// Signed by the public key as if it were a secret.
    WrongAlgorithm,
    Unsigned,
    AnothersKey,
    IdToken,
    /// The claim `token_use` says that it is an ID token, and the scope is there all the same.
    IdTokenWithScope,
    Owner,
    OtherCustomer,
    Operator,
    /// In the group, with a customer's scope only.
    OperatorWithoutScope,
    /// A customer who asked for the operators' scope, which the issuer gives to whoever asks.
    ScopeWithoutGroup,
    /// Both scopes, and in the group.
    OperatorWhoShops,
    Guest,
    OtherGuest,
    ExpiredGuest,
    ForgedGuest,
}

impl Caller {
    pub const ALL: &'static [Self] = &[
        Self::Nobody,
        Self::Nonsense,
        Self::Expired,
        Self::WrongAudience,
        Self::WrongIssuer,
        Self::WrongAlgorithm,
        Self::Unsigned,
        Self::AnothersKey,
        Self::IdToken,
        Self::IdTokenWithScope,
        Self::Guest,
        Self::OtherGuest,
        Self::ExpiredGuest,
        Self::ForgedGuest,
        Self::OperatorWithoutScope,
        Self::ScopeWithoutGroup,
        Self::OtherCustomer,
        Self::OperatorWhoShops,
        Self::Operator,
        // Last, since what is theirs changes by it.
        Self::Owner,
    ];

    /// The access token that they send, if they send one.
    pub fn token(self, identity: &Identity) -> Option<String> {
        let claims = |changes: Value| {
            let mut claims = json!({
                "iss": identity.issuer(), "sub": "customer", "client_id": CLIENT_ID, "token_use": "access",
                "scope": format!("{SHOP} {OPERATE}"), "exp": FAR, "cognito:groups": ["operators"],
            });
            for (name, value) in changes.as_object().unwrap() {
                claims[name] = value.clone();
            }
            claims
        };
        let signed = |changes: Value| Some(identity.sign(&claims(changes)).unwrap());
        let of =
            |name: &str, scopes: &[&str]| Some(identity.access_token(name, scopes, 600).unwrap());
        match self {
            Self::Nobody
            | Self::Guest
            | Self::OtherGuest
            | Self::ExpiredGuest
            | Self::ForgedGuest => None,
            Self::Nonsense => Some("nonsense".to_owned()),
            Self::Expired => signed(json!({ "exp": 1_700_000_000 })),
            Self::WrongAudience => signed(json!({ "client_id": "another" })),
            Self::WrongIssuer => signed(json!({ "iss": "http://127.0.0.1:1" })),
            Self::WrongAlgorithm => Some(by_public_key(identity, &claims(json!({})))),
            Self::Unsigned => Some(format!(
                "{}.{}.",
                encoded(&json!({ "alg": "none" })),
                encoded(&claims(json!({})))
            )),
            Self::AnothersKey => {
                let issuer = identity.issuer().to_owned();
                let another = Identity::open(local_identity::Options {
                    directory: None,
                    issuer,
                });
                Some(another.unwrap().sign(&claims(json!({}))).unwrap())
            }
            Self::IdToken => Some(identity.id_token("customer").unwrap()),
            Self::IdTokenWithScope => signed(json!({ "token_use": "id" })),
            Self::Owner => of("customer", &["openid", SHOP]),
            Self::OtherCustomer => of("customer-2", &[SHOP]),
            Self::Operator => of("operator", &[OPERATE]),
            Self::OperatorWithoutScope => of("operator", &[SHOP]),
            Self::ScopeWithoutGroup => of("customer-2", &[OPERATE]),
            Self::OperatorWhoShops => of("operator", &[SHOP, OPERATE]),
        }
    }
}

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    Anybody,
    Customer,
    Operator,
    Guest,
}

impl Scheme {
    pub const ALL: [Self; 4] = [Self::Anybody, Self::Customer, Self::Operator, Self::Guest];

    /// By the names of the security schemes in the description.
    pub fn named(names: &[&str]) -> Self {
        match names {
            [] => Self::Anybody,
            ["customer"] => Self::Customer,
            ["operator"] => Self::Operator,
            ["guest"] => Self::Guest,
            other => panic!("the table does not know {other:?}"),
        }
    }

    pub fn expects(self, caller: Caller) -> Expected {
        match self {
            Self::Anybody => Expected::LetIn,
            Self::Guest => match caller {
                Caller::Guest | Caller::OtherGuest => Expected::LetIn,
                _ => Expected::Unauthorized,
            },
            Self::Customer => match caller {
                Caller::Owner
                | Caller::OtherCustomer
                | Caller::OperatorWithoutScope
                | Caller::OperatorWhoShops => Expected::LetIn,
                // The issuer's own, with no scope or another: known, and not allowed.
                Caller::IdToken | Caller::Operator | Caller::ScopeWithoutGroup => {
                    Expected::Forbidden
                }
                _ => Expected::Unauthorized,
            },
            Self::Operator => match caller {
                Caller::Operator | Caller::OperatorWhoShops => Expected::LetIn,
                Caller::IdToken
                | Caller::Owner
                | Caller::OtherCustomer
                | Caller::OperatorWithoutScope
                | Caller::ScopeWithoutGroup => Expected::Forbidden,
                _ => Expected::Unauthorized,
            },
        }
    }
}

/// What a caller is to expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// An answer of the route's own: also that what is asked for is not there, or not asked for in the right form.
    LetIn,
    Unauthorized,
    Forbidden,
}

impl Expected {
    pub fn holds(self, status: u16) -> bool {
        match self {
            Self::LetIn => status != 401 && status != 403 && status < 500,
            Self::Unauthorized => status == 401,
            Self::Forbidden => status == 403,
        }
    }
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn by_public_key(identity: &Identity, claims: &Value) -> String {
    let keys = identity.key_set().unwrap();
    let key = &keys["keys"][0];
    let header = json!({ "alg": "HS256", "kid": key["kid"] });
    let said = format!("{}.{}", encoded(&header), encoded(claims));
    let secret = key["n"].as_str().unwrap().as_bytes();
    let code = Hmac::<Sha256>::new_from_slice(secret)
        .unwrap()
        .chain_update(&said)
        .finalize();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(code.into_bytes()))
}
