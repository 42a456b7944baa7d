//! `vahta openapi`: prints the OpenAPI document of the core's API.

pub(super) fn print() -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(&admin_web::openapi())?);
    Ok(())
}
