//! Which address of a plugin on the admin site a path means.

use std::collections::HashMap;
use std::sync::Arc;

use super::manifest::{Surface, WebRoute};

/// What stands at one path, one entry a method.
type AtPath = Vec<Arc<WebRoute>>;

/// The addresses of one plugin.
#[derive(Default)]
pub(super) struct WebRoutes {
    all: Vec<Arc<WebRoute>>,
    surfaces: HashMap<Surface, matchit::Router<AtPath>>,
    running: bool,
}

/// What a path means.
#[derive(Debug, PartialEq)]
pub enum WebFound {
    Match(WebMatch),
    /// There are other methods here.
    Methods(Vec<String>),
    /// The plugin has it and does not run.
    NotRunning,
    Nothing,
}

/// A route, and what its path's parameters are.
#[derive(Debug, PartialEq)]
pub struct WebMatch {
    pub route: Arc<WebRoute>,
    pub params: Vec<(String, String)>,
}

impl WebRoutes {
    /// Of routes that were checked with the manifest.
    pub(super) fn new(routes: &[WebRoute], running: bool) -> Self {
        let mut built = Self {
            running,
            ..Self::default()
        };
        for (surface, paths) in by_path(routes) {
            let router = built.surfaces.entry(surface).or_default();
            for (path, at) in paths {
                // The manifest's check has refused what cannot be inserted.
                let _ = router.insert(path, at);
            }
        }
        built.all = routes.iter().cloned().map(Arc::new).collect();
        built
    }

    pub(super) fn all(&self) -> &[Arc<WebRoute>] {
        &self.all
    }

    pub(super) fn find(&self, surface: Surface, method: &str, path: &str) -> WebFound {
        let found = self.surfaces.get(&surface).map(|router| router.at(path));
        let Some(Ok(found)) = found else {
            return WebFound::Nothing;
        };
        if !self.running {
            return WebFound::NotRunning;
        }
        let params = found
            .params
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        match found.value.iter().find(|route| route.method == method) {
            Some(route) => WebFound::Match(WebMatch {
                route: Arc::clone(route),
                params,
            }),
            None => WebFound::Methods(found.value.iter().map(|r| r.method.clone()).collect()),
        }
    }
}

impl std::fmt::Debug for WebRoutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebRoutes")
            .field("all", &self.all)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// The first route that cannot stand beside those before it, and why.
pub(super) fn conflict(routes: &[WebRoute]) -> Option<(usize, String)> {
    for (i, route) in routes.iter().enumerate() {
        let same = |r: &&WebRoute| {
            r.surface == route.surface && r.path == route.path && r.method == route.method
        };
        if routes.iter().take(i).any(|r| same(&r)) {
            return Some((
                i,
                format!("{} {} stands here twice", route.method, route.path),
            ));
        }
        let mut router = matchit::Router::new();
        let mut seen: Vec<&str> = Vec::new();
        for other in routes
            .iter()
            .take(i + 1)
            .filter(|r| r.surface == route.surface)
        {
            if seen.contains(&other.path.as_str()) {
                continue;
            }
            seen.push(&other.path);
            if let Err(error) = router.insert(other.path.clone(), ()) {
                return Some((i, error.to_string()));
            }
        }
    }
    None
}

fn by_path(routes: &[WebRoute]) -> HashMap<Surface, HashMap<String, AtPath>> {
    let mut surfaces: HashMap<Surface, HashMap<String, AtPath>> = HashMap::new();
    for route in routes {
        let paths = surfaces.entry(route.surface).or_default();
        let at = paths.entry(route.path.clone()).or_default();
        at.push(Arc::new(route.clone()));
    }
    surfaces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(surface: Surface, method: &str, path: &str) -> WebRoute {
        WebRoute {
            surface,
            method: method.into(),
            path: path.into(),
            permission: None,
            nav: Default::default(),
            live: Vec::new(),
            openapi: serde_json::Value::Null,
            upload: None,
        }
    }

    #[test]
    fn a_path_finds_its_route_by_surface_and_method() {
        let routes = [
            route(Surface::Page, "GET", "/{id}"),
            route(Surface::Page, "POST", "/{id}/done"),
            route(Surface::Api, "GET", "/{id}"),
        ];
        let web = WebRoutes::new(&routes, true);
        let WebFound::Match(found) = web.find(Surface::Page, "GET", "/12") else {
            panic!("not found");
        };
        assert_eq!(found.params, [("id".to_string(), "12".to_string())]);
        let other = web.find(Surface::Page, "GET", "/12/done");
        assert_eq!(other, WebFound::Methods(vec!["POST".into()]));
        assert_eq!(web.find(Surface::Api, "GET", "/a/b"), WebFound::Nothing);
        assert_eq!(web.find(Surface::Public, "GET", "/12"), WebFound::Nothing);
        let stopped = WebRoutes::new(&routes, false);
        assert_eq!(
            stopped.find(Surface::Page, "GET", "/12"),
            WebFound::NotRunning
        );
    }

    #[test]
    fn routes_that_hide_each_other_are_named() {
        let page = |path| route(Surface::Page, "GET", path);
        assert_eq!(conflict(&[page("/a"), page("/{id}")]), None);
        assert_eq!(conflict(&[page("/a"), page("/a")]).map(|(i, _)| i), Some(1));
        assert_eq!(
            conflict(&[page("/{id}"), page("/{name}")]).map(|(i, _)| i),
            Some(1)
        );
    }
}
