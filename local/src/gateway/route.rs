//! Routes, and which of them a request takes.
//!
//! API Gateway takes the most specific route: a literal segment before a variable, a variable before a greedy one, a
//! method of its own before `ANY`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>).

use std::cmp::Ordering;
use std::sync::Arc;

use http::Method;

use super::authoriser::Authoriser;
use crate::invoke::Lambda;

/// One route.
pub(super) struct Route {
    /// As the payload names it: method and path.
    pub(super) key: String,
    /// Who may call; none for anybody.
    pub(super) authoriser: Option<Arc<Authoriser>>,
    /// Scopes of which the caller must hold one; none for any caller that the authoriser lets pass.
    pub(super) scopes: Vec<String>,
    pub(super) lambda: Arc<Lambda>,
    /// None for `ANY`.
    method: Option<String>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

/// A route that a request takes, with the values of its variables.
pub(super) struct Found<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: Vec<(&'a str, String)>,
}

/// All routes, the most specific first.
#[derive(Default)]
pub(super) struct Routes(Vec<Route>);

impl Route {
    pub(super) fn new(
        method: &str,
        path: &str,
        authoriser: Option<Arc<Authoriser>>,
        scopes: Vec<String>,
        lambda: Arc<Lambda>,
    ) -> Self {
        let any = method.eq_ignore_ascii_case("ANY");
        Self {
            key: format!("{method} {path}"),
            authoriser,
            scopes,
            lambda,
            method: (!any).then(|| method.to_ascii_uppercase()),
            segments: segments(path).map(Segment::read).collect(),
        }
    }

    /// The values of the variables, if the path is one of this route's.
    fn matches(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let mut values = Vec::new();
        let mut rest = segments(path);
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => {
                    if rest.next()? != literal {
                        return None;
                    }
                }
                Segment::Variable(name) => {
                    let value = rest.next().filter(|value| !value.is_empty())?;
                    values.push((name.as_str(), value.to_owned()));
                }
                Segment::Greedy(name) => {
                    let value: Vec<&str> = rest.by_ref().collect();
                    let value = value.join("/");
                    if value.is_empty() {
                        return None;
                    }
                    values.push((name.as_str(), value));
                }
            }
        }
        rest.next().is_none().then_some(values)
    }

    fn more_specific(&self, other: &Self) -> Ordering {
        let ranks = |route: &Self| route.segments.iter().map(Segment::rank).collect::<Vec<_>>();
        ranks(self)
            .cmp(&ranks(other))
            .then_with(|| self.method.is_none().cmp(&other.method.is_none()))
    }
}

impl Segment {
    fn read(segment: &str) -> Self {
        let variable = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match variable {
            None => Self::Literal(segment.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
        }
    }
}

impl Routes {
    pub(super) fn add(&mut self, route: Route) {
        let place = self
            .0
            .partition_point(|known| known.more_specific(&route) != Ordering::Greater);
        self.0.insert(place, route);
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        self.0.iter().find_map(|route| {
            if route
                .method
                .as_deref()
                .is_some_and(|taken| taken != method.as_str())
            {
                return None;
            }
            route
                .matches(path)
                .map(|parameters| Found { route, parameters })
        })
    }
}

fn segments(path: &str) -> std::str::Split<'_, char> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoke::{InProcess, Invoker, Slowness};

    fn routes(keys: &[&str]) -> Routes {
        let mut routes = Routes::default();
        for key in keys {
            let (method, path) = key.split_once(' ').unwrap();
            let invoker: Arc<dyn Invoker> =
                Arc::new(InProcess::new(|payload| async { Ok(payload) }));
            let lambda = Arc::new(Lambda {
                name: "toy".to_owned(),
                arn: "arn".to_owned(),
                timeout: std::time::Duration::from_secs(1),
                invoker,
                tally: Arc::default(),
                activity: Arc::default(),
                slowness: Slowness::default(),
            });
            routes.add(Route::new(method, path, None, Vec::new(), lambda));
        }
        routes
    }

    #[test]
    fn the_most_specific_route_wins_whatever_the_order() {
        let mut keys = [
            "GET /pets/{id}",
            "GET /pets/dog/1",
            "ANY /pets/{proxy+}",
            "GET /pets/{id}/{part}",
            "ANY /pets/{id}",
            "POST /{proxy+}",
            "GET /",
        ];
        let expected = [
            ("GET", "/pets/dog/1", Some("GET /pets/dog/1")),
            ("GET", "/pets/cat", Some("GET /pets/{id}")),
            ("POST", "/pets/cat", Some("ANY /pets/{id}")),
            ("GET", "/pets/cat/tail", Some("GET /pets/{id}/{part}")),
            ("GET", "/pets/cat/tail/tip", Some("ANY /pets/{proxy+}")),
            ("POST", "/cars", Some("POST /{proxy+}")),
            ("GET", "/cars", None),
            ("GET", "/pets/", None),
            ("GET", "/", Some("GET /")),
        ];
        for _ in 0..keys.len() {
            keys.rotate_left(1);
            let routes = routes(&keys);
            for (method, path, key) in &expected {
                let method: Method = method.parse().unwrap();
                let found = routes.find(&method, path);
                let found = found.map(|found| found.route.key.as_str());
                assert_eq!(found, *key, "{method} {path}");
            }
        }
    }

    #[test]
    fn variables_hold_one_segment_and_greedy_ones_the_rest() {
        let routes = routes(&["GET /a/{x}/b/{rest+}"]);
        let found = routes.find(&Method::GET, "/a/1 2/b/c/d").unwrap();
        assert_eq!(
            found.parameters,
            [("x", "1 2".to_owned()), ("rest", "c/d".to_owned())]
        );
    }
}
