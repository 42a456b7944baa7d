//! Tasks over the API.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vahta_tests::stage::{ADA, LIM};
use vahta_tests::web::{Got, WebClient};
use vahta_tests::{Ground, stories};

use crate::tasks::begun;

stories![the_api_does_what_the_pages_do];

async fn api(
    browser: &mut WebClient,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<(StatusCode, Value)> {
    let token = browser.csrf.clone().context("a token")?;
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", token.as_str()),
    ];
    let path = format!("/api/v1/p/task{path}");
    let body = body.map(|body| body.to_string());
    let got: Got = browser.send(method, &path, &headers, body).await?;
    let json = serde_json::from_str(&got.text).unwrap_or(Value::Null);
    Ok((got.status, json))
}

async fn the_api_does_what_the_pages_do(ground: Ground) -> Result<()> {
    let app = begun(ground).await?;
    let web = app.web().await?;
    let (mut ada, mut lim) = (web.browser_of(ADA).await?, web.browser_of(LIM).await?);
    let steps = json!({"text": "left @lim\nright"});
    let (status, made) = api(&mut ada, Method::PUT, "/templates/pair", Some(steps)).await?;
    ensure!(
        status == StatusCode::OK && made["steps"][0]["assignee"]["person"] == "lim",
        "{made}"
    );
    let line = json!({"line": "Carry it !high #moving %pair"});
    let (status, task) = api(&mut ada, Method::POST, "/tasks", Some(line)).await?;
    ensure!(status == StatusCode::CREATED, "{status}: {task}");
    ensure!(
        task["state"] == "open" && task["labels"] == json!(["moving"]),
        "{task}"
    );
    ensure!(task["parts"][0]["assignee_name"] == "Lim", "{task}");
    let (_, list) = api(&mut lim, Method::GET, "/tasks?look=mine", None).await?;
    ensure!(list["count"] == 1 && list["tasks"][0]["id"] == 1, "{list}");
    let change =
        json!({"title": "Carry them", "due_at": "2099-01-02T03:04:05Z", "assignee": "Lim"});
    let (status, task) = api(&mut ada, Method::PATCH, "/tasks/1", Some(change)).await?;
    ensure!(
        status == StatusCode::OK && task["title"] == "Carry them",
        "{task}"
    );
    ensure!(
        task["due_at"] == "2099-01-02T03:04:05Z" && task["assignee_name"] == "Lim",
        "{task}"
    );
    for (path, method, body, wanted) in [
        (
            "/tasks/1",
            Method::PATCH,
            json!({"due_at": "2001-01-01T00:00:00Z"}),
            422,
        ),
        ("/tasks/1", Method::PATCH, json!({"colour": "red"}), 422),
        ("/tasks/1", Method::PATCH, json!({"priority": "hgih"}), 422),
        ("/tasks/1/state", Method::PUT, json!({"state": "gone"}), 422),
        ("/tasks/1/state", Method::PUT, json!({"state": "done"}), 409),
        (
            "/tasks/1/parts/9",
            Method::PATCH,
            json!({"done": true}),
            404,
        ),
        ("/tasks/9/state", Method::PUT, json!({"state": "done"}), 404),
        ("/tasks", Method::POST, json!({"line": "  "}), 422),
        ("/tasks", Method::POST, json!({}), 422),
        ("/tasks/1/comments", Method::POST, json!({"text": " "}), 422),
    ] {
        let (status, said) = api(&mut ada, method, path, Some(body.clone())).await?;
        ensure!(status.as_u16() == wanted, "{path} {body}: {status} {said}");
    }
    for position in 1..=2 {
        let path = format!("/tasks/1/parts/{position}");
        let (status, said) =
            api(&mut lim, Method::PATCH, &path, Some(json!({"done": true}))).await?;
        ensure!(status == StatusCode::OK, "{said}");
    }
    let (_, task) = api(&mut lim, Method::GET, "/tasks/1", None).await?;
    ensure!(
        task["state"] == "done" && task["done_by_name"] == "Lim",
        "{task}"
    );
    let text = json!({"text": "Heavy <b>it</b> was"});
    let (status, _) = api(&mut lim, Method::POST, "/tasks/1/comments", Some(text)).await?;
    ensure!(status == StatusCode::CREATED);
    let (_, said) = api(&mut ada, Method::GET, "/tasks/1/comments", None).await?;
    ensure!(
        said["comments"][0]["text"] == "Heavy <b>it</b> was",
        "{said}"
    );
    let (status, _) = api(
        &mut lim,
        Method::PUT,
        "/templates/x",
        Some(json!({"text": "a"})),
    )
    .await?;
    ensure!(status == StatusCode::FORBIDDEN);
    let (status, _) = api(&mut ada, Method::DELETE, "/templates/pair", None).await?;
    ensure!(status == StatusCode::OK);
    let got = ada.get("/api/v1/openapi.json").await?;
    ensure!(
        got.text.contains("/p/task/tasks/{id}/state"),
        "written down"
    );
    app.shutdown().await
}
